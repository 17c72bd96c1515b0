"""Audio without a download: named statistics of level, timbre, harmony and rhythm."""

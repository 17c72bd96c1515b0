from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch

from whitelight.training.networks.data import NO_ROW, EpochData, NotesData, Share, SpreadData, epoch_batches
from whitelight.training.networks.material import FULL, Material
from whitelight.training.networks.settings import AugmentationSettings, NetworkSettings


def test_every_example_is_in_every_epoch_and_all_batches_are_full() -> None:
    batches = epoch_batches(30, 8, seed=0, epoch=0, share=Share())
    assert [len(batch) for batch in batches] == [8] * 4
    assert {row for batch in batches for row in batch} == set(range(30))


def test_order_depends_on_seed_and_epoch_alone() -> None:
    def order(seed: int, epoch: int) -> list[list[int]]:
        return epoch_batches(50, 10, seed=seed, epoch=epoch, share=Share())

    assert order(0, 3) == order(0, 3)
    assert order(0, 3) != order(0, 4)
    assert order(0, 3) != order(1, 3)


def test_processes_share_the_batch_that_one_would_read() -> None:
    alone = epoch_batches(45, 8, seed=5, epoch=2, share=Share())
    halves = [epoch_batches(45, 8, seed=5, epoch=2, share=Share(rank, 2)) for rank in range(2)]
    for whole, first, second in zip(alone, *halves, strict=True):
        assert len(first) == len(second) == 4
        assert sorted(first + second) == sorted(whole)


def test_fewer_examples_than_a_batch_are_repeated() -> None:
    (batch,) = epoch_batches(3, 8, seed=0, epoch=0, share=Share())
    assert len(batch) == 8
    assert set(batch) == {0, 1, 2}


def test_an_example_depends_on_seed_epoch_and_row_alone(
    tiny_material: Material, small: Callable[..., NetworkSettings]
) -> None:
    def window(epoch: int, index: int, seed: int = 0) -> torch.Tensor:
        return EpochData(tiny_material, tiny_material.leads, small(seed=seed), epoch)[index][0]

    later = EpochData(tiny_material, tiny_material.leads, small(), 4)
    for index in range(7):  # whatever was read before
        later[index]
    assert torch.equal(later[7][0], window(4, 7))
    assert not torch.equal(window(4, 7), window(5, 7))
    assert not torch.equal(window(4, 7), window(4, 7, seed=1))


def test_view_drop_hears_single_views_as_often_as_told(
    tiny_material: Material, small: Callable[..., NetworkSettings]
) -> None:
    leads = tiny_material.leads
    assert (tiny_material.rows.view[leads] == FULL).all()
    quiet = AugmentationSettings(transpose=0, tempo=0.0, velocity=0, note_drop=0.0, view_drop=0.0)

    def n_full(view_drop: float) -> int:
        settings = small(augmentation=replace(quiet, view_drop=view_drop), n_steps=512, n_windows=1)
        full = SpreadData(tiny_material, [int(k) for k in leads], settings)
        data = EpochData(tiny_material, leads, settings, 0)
        # a clip is shorter than the window, so there is one window only
        return sum(bool(torch.equal(data[k][0], full[k][0][0])) for k in range(len(leads)))

    assert n_full(0.0) == len(leads)
    assert n_full(1.0) == 0
    assert 0 < n_full(0.5) < len(leads)


def test_each_process_judges_its_rows_and_as_many_as_the_others(
    sides: tuple[Material, Material], small: Callable[..., NetworkSettings]
) -> None:
    train, validation = sides
    validation = validation.take(np.arange(len(validation.rows) - 1))  # an odd number
    seen: list[int] = []
    for rank in range(2):
        data = NotesData(train, validation, small())
        data.share = lambda rank=rank: Share(rank, 2)  # type: ignore[method-assign]
        (loader,) = data.val_dataloader()
        rows = torch.cat([rows for _, rows in loader]).tolist()
        assert len(rows) == 4
        seen += [row for row in rows if row != NO_ROW]
    assert sorted(seen) == list(range(7))


def test_leads_are_full_views_and_the_others_belong_to_them(tiny_material: Material) -> None:
    leads, segments = tiny_material.leads, tiny_material.rows.segment_id
    assert len(leads) == len(set(segments))
    for lead, others in zip(leads, tiny_material.views_of(leads), strict=True):
        assert lead not in others
        assert len(others) == 3
        assert set(segments[others]) == {segments[lead]}


def test_without_a_full_view_the_first_one_leads(tiny_material: Material) -> None:
    parts = tiny_material.take(tiny_material.rows.view != FULL)
    assert len(parts.leads) == len(set(parts.rows.segment_id))

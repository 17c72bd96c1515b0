"""`python -m whitelight` is the `whitelight` command."""

from whitelight.cli.main import main

if __name__ == "__main__":
    main()

"""`python -m equime_generation.cli` is `equime`."""

from equime_generation.cli import main

if __name__ == "__main__":
    main()

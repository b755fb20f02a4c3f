"""Run the full league; see full.py."""

from lessons.experiments.newcomers.full import main

if __name__ == "__main__":
    main()

"""`python -m cc_async`, the same as `cc-async`."""

from cc_async_command import main

if __name__ == "__main__":
    main()

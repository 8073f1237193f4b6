"""`python -m cxcall` is the same as `cxcall`."""

from cxcall.cli import main

main()

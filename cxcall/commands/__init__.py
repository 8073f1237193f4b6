"""The commands of `cxcall`, one module each; `cxcall.cli` puts them together."""

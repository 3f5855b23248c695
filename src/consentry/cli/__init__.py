"""The command `consentry`: one module for each noun, each a thin shell around the package."""

"""Numbers about clips and datasets; works on anybody's videos."""

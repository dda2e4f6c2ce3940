#!/usr/bin/env python3
"""Writes a C file with the contents of files in it.

embed.py OUT HEADER TYPE SYMBOL FILE...

OUT includes HEADER, which declares TYPE, a struct whose members begin with
{ const char *name; const char *data; size_t size; }, and the two objects OUT defines:
`const TYPE SYMBOL[]`, a row for each FILE in the order given, and `const size_t SYMBOL_count`.
A NUL stands after the size bytes of data.
"""
import os
import sys

COLUMNS = 16


def rows(data):
    for i in range(0, len(data), COLUMNS):
        yield "\t" + ", ".join("%d" % (b if b < 128 else b - 256) for b in data[i:i + COLUMNS]) + ","


def main(out, header, kind, symbol, *paths):
    lines = ['/* Written by tools/embed.py. */', '#include "%s"' % header, ""]
    table = []
    for n, path in enumerate(paths):
        with open(path, "rb") as f:
            data = f.read()
        lines.append("static const signed char file_%d[] = {" % n)
        lines.extend(rows(data + b"\0"))
        lines.append("};")
        lines.append("")
        table.append('\t{ "%s", (const char *)file_%d, %d },' % (os.path.basename(path), n, len(data)))
    lines.append("const %s %s[] = {" % (kind, symbol))
    lines.extend(table)
    lines.append("};")
    lines.append("const size_t %s_count = %d;" % (symbol, len(paths)))
    with open(out, "w", encoding="ascii") as f:
        f.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    main(*sys.argv[1:])

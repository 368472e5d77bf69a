# SPDX-License-Identifier: Apache-2.0
# Flattens JSON: one line "path/to/leaf<TAB>value" for each leaf; array
# members are numbered from 0.  A line feed inside a string stays "\n".
function blank() { sub(/^[ \t\r\n]+/, "", s) }

# The code point as UTF-8.
function utf8(c) {
    if (c < 128) return sprintf("%c", c)
    if (c < 2048) return sprintf("%c%c", 192 + int(c / 64), 128 + c % 64)
    return sprintf("%c%c%c", 224 + int(c / 4096), 128 + int(c / 64) % 64, 128 + c % 64)
}

function hex(h,   i, v) {
    for (i = 1; i <= 4; i++) v = v * 16 + index("0123456789abcdef", tolower(substr(h, i, 1))) - 1
    return v
}

# A string; 's' begins behind its opening quote.
function text(   out, c) {
    while (match(s, /["\\]/)) {
        out = out substr(s, 1, RSTART - 1)
        c = substr(s, RSTART + 1, 1)
        if (substr(s, RSTART, 1) == "\"") { s = substr(s, RSTART + 1); return out }
        if (c == "u") { out = out utf8(hex(substr(s, RSTART + 2, 4))); s = substr(s, RSTART + 6); continue }
        out = out (c == "n" ? "\\n" : c == "t" ? "\t" : c == "r" || c == "b" || c == "f" ? "" : c)
        s = substr(s, RSTART + 2)
    }
    exit 1
}

function value(path,   c, i, key) {
    blank(); c = substr(s, 1, 1)
    if (c == "{" || c == "[") {
        s = substr(s, 2); blank()
        for (i = 0; s != "" && substr(s, 1, 1) != (c == "{" ? "}" : "]"); i++) {
            key = i
            if (c == "{") { s = substr(s, 2); key = text(); blank(); s = substr(s, 2) }
            value(path == "" ? key : path "/" key)
            blank(); sub(/^,/, "", s); blank()
        }
        s = substr(s, 2)
    } else if (c == "\"") {
        s = substr(s, 2); print path "\t" text()
    } else {
        if (!match(s, /^[^],} \t\r\n]+/)) exit 1
        print path "\t" substr(s, 1, RLENGTH); s = substr(s, RLENGTH + 1)
    }
}

{ s = s $0 "\n" }
END { value("") }

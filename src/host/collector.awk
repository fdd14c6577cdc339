# Reads the files of every source that names some, in one process. FILES has a line for each entry of a source: source, directory, paths,
# label, pattern, how. Which paths are ABSENT, DENIED or ODD (no files) the shell has found out, and what ls said is LISTED.
BEGIN {
  boundary = ENVIRON["BOUNDARY"]
  sample = ENVIRON["SAMPLE"]
  status = 0
  for (i = split(ENVIRON["ABSENT"], words, " "); i > 0; i--) missing[words[i]] = 3
  for (i = split(ENVIRON["DENIED"], words, " "); i > 0; i--) missing[words[i]] = 4
  for (i = split(ENVIRON["ODD"], words, " "); i > 0; i--) missing[words[i]] = 1
  listed = split(ENVIRON["LISTED"], listing, "\n")
  for (i = 0; i < 16; i++) { digit[sprintf("%x", i)] = i; digit[sprintf("%X", i)] = i }
  entries = split(ENVIRON["FILES"], entry, "\n")
  # Each ends its line.
  for (e = 1; e < entries; e++) {
    split(entry[e], field, "~")
    if (field[1] != source) {
      end_section()
      source = field[1]
      printf "\n%s begin %s %s\n", boundary, sample, source
    }
    n = split(field[3], paths, " ")
    for (p = 1; p <= n && status == 0; p++) {
      path = substr(paths[p], 1, 1) == "/" ? paths[p] : field[2] paths[p]
      before = field[4]
      if (before == "@:") before = paths[p] ":"
      if (field[6] == "look") { look(path, before); continue }
      trouble = path in missing ? missing[path] : field[6] == "sum" ? sum(path, before) : lines(path, before, field[5])
      if (trouble == 0) continue
      if (field[6] == "need") { print path; status = trouble }
      if (field[6] == "tell") print (trouble == 3 ? "absent " : trouble == 4 ? "no-permission " : "failed ") paths[p]
    }
  }
  end_section()
}
function end_section() {
  if (source != "") printf "%s end %s %s %s\n", boundary, sample, source, status
  status = 0
}
# More lines than these files have would be another file.
function lines(path, before, pattern,   line, n, got) {
  while ((got = (getline line < path)) > 0 && n++ < 10000) if (pattern == "" || line ~ pattern) print before line
  close(path)
  return got < 0
}
function sum(path, before,   line, words, names, total, columns, row, i, n, got) {
  while ((got = (getline line < path)) > 0 && row < 10000) {
    n = split(line, words, " ")
    if (!row++) columns = split(line, names, " ")
    else for (i = 2; i <= columns; i++) total[i] += number(words[i])
  }
  close(path)
  for (i = 2; i <= columns; i++) printf "%s%s %.0f\n", before, names[i], total[i]
  return got < 0
}
function number(text,   i, n) {
  for (i = 1; i <= length(text); i++) n = n * 16 + digit[substr(text, i, 1)]
  return n + 0
}
function look(path, before,   i, at) {
  for (i = 1; i <= listed; i++) {
    if (!index(" " listing[i] " ", " " path " ")) continue
    at = index(listing[i], " -> ")
    print before (at ? substr(listing[i], at + 4) : substr(listing[i], 1, 10))
  }
}

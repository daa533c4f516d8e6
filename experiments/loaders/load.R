# Reads the tables of this export with the types of its codebook. Needs R alone, no package.
#
#   source("load.R")
#   tables <- load_export(".")          # the folder of the export
#   answers <- subset(tables$responses, !is_conflict)
#   both <- merge(tables$trials, answers, by = c("trial", "session", "participant"))
#
# Columns of few fixed values are factors with their levels in order, true and false are logical,
# times are POSIXct in UTC, and JSON stays text. An empty cell is NA where the codebook says that
# it may be empty.

load_export <- function(folder = ".") {
  codebook <- read_cells(file.path(folder, "codebook.csv"))
  names <- unique(codebook$table)
  tables <- lapply(names, function(name) {
    read_typed(file.path(folder, "tables", paste0(name, ".csv")), codebook[codebook$table == name, ])
  })
  setNames(tables, names)
}

read_cells <- function(path) {
  if (!file.exists(path)) stop(path, " is missing: copy the export again.", call. = FALSE)
  read.csv(path, colClasses = "character", na.strings = character(), check.names = FALSE,
           encoding = "UTF-8")
}

read_typed <- function(path, columns) {
  cells <- read_cells(path)
  typed <- lapply(seq_len(nrow(columns)), function(i) as_typed(cells[[columns$name[i]]], columns[i, ]))
  as.data.frame(setNames(typed, columns$name), stringsAsFactors = FALSE)
}

as_typed <- function(cells, column) {
  if (column$nullable == "True" || column$type != "string") cells[cells == ""] <- NA
  if (column$levels != "") return(factor(cells, strsplit(column$levels, "|", fixed = TRUE)[[1]]))
  switch(column$type,
    integer = as_whole(cells),
    number = as.numeric(cells),
    boolean = cells == "true",
    datetime = as_moment(cells),
    cells
  )
}

# R's integers end at 2^31: a seed is larger, and even a double would round it, so it stays text.
as_whole <- function(cells) {
  if (any(abs(as.numeric(cells)) > .Machine$integer.max, na.rm = TRUE)) cells else as.integer(cells)
}

# "2026-01-01T12:00:00.250+00:00": R wants the offset without its colon.
as_moment <- function(cells) {
  cells <- sub("Z$", "+0000", cells)
  cells <- sub("([+-][0-9]{2}):([0-9]{2})$", "\\1\\2", cells)
  as.POSIXct(strptime(cells, "%Y-%m-%dT%H:%M:%OS%z", tz = "UTC"))
}

#include "rules/modeltable.h"

#include "base/mem.h"
#include "base/rd.h"
#include "base/text.h"
#include "rules/modeltable_data.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define MODELS_MAX  1000
#define CELLS_MAX   (MODELTABLE_COLUMNS + 1) /* the name and its columns */
#define NAME_COLUMN MODELTABLE_COLUMNS
#define NAME_HEAD   "model"
#define CSV_MAX     (1024 * 1024)
#define ALLOWED_MAX 4
#define VALUE_SHOWN 64

struct modeltable {
	struct model *models; /* in order of name */
	size_t count;
};

/* What a column may hold; NULL: any text. */
static const struct column {
	const char *name;
	const char *allowed[ALLOWED_MAX];
} columns[] = {
	[MODELTABLE_FAMILY] = { "family", { NULL } },
	[MODELTABLE_SBD] = { "sbd", { "yes", "no" } },
	[MODELTABLE_DIGESTS] = { "digests", { "sha1", "sha1+sha512" } },
	[MODELTABLE_TLS] = { "tls", { "1.0", "1.1", "1.2", "1.3" } },
	[MODELTABLE_EC] = { "ec", { "yes", "no" } },
	[MODELTABLE_KEY_MAX] = { "key-max", { "1024", "2048", "3072", "4096" } },
	[MODELTABLE_ENCRYPTED_CONFIG] = { "encrypted-config", { "yes", "no" } },
	[MODELTABLE_LIST_VERSION] = { "list-version", { "1.0", "1.1", "1.2" } },
	[MODELTABLE_ERASE] = { "erase-lists", { NULL } },
	[MODELTABLE_RESET] = { "factory-reset", { NULL } },
};

/* One text being read: where we are, and which column stands where. */
struct reader {
	size_t line;
	int order[CELLS_MAX]; /* a column or NAME_COLUMN, by place */
	struct model *models;
	size_t count;
};

const char *
modeltable_column_name(enum modeltable_column c)
{
	return c < MODELTABLE_COLUMNS ? columns[c].name : "unknown";
}

/* --- reading --- */

static bool
bad(const struct reader *r, const char *column, struct span value, const char *wanted,
    struct err *e)
{
	char shown[VALUE_SHOWN];

	return err_set(e, ERR_MALFORMED, "model table: line %zu: %s: '%s' is not %s", r->line,
	    column, text_printable(value, shown, sizeof shown), wanted);
}

/* The cells of a line. As many as there are columns, or it is refused. */
static bool
split(const struct reader *r, struct span line, struct span cells[CELLS_MAX], struct err *e)
{
	struct rd in = rd_open(line);
	size_t n = 0;

	for (size_t i = 0; i < line.n; i++)
		n += line.p[i] == ',';
	if (n + 1 != CELLS_MAX)
		return err_set(e, ERR_MALFORMED, "model table: line %zu: %zu columns, expected %d",
		    r->line, n + 1, CELLS_MAX);
	for (n = 0; n + 1 < CELLS_MAX; n++)
		if (!rd_until(&in, ',', &cells[n]))
			return err_set(e, ERR_BUG, "model table: a comma was lost");
	cells[n] = rd_rest(&in);
	return true;
}

static int
column_of(struct span name)
{
	for (int c = 0; c < MODELTABLE_COLUMNS; c++)
		if (span_is(name, columns[c].name))
			return c;
	return span_is(name, NAME_HEAD) ? NAME_COLUMN : -1;
}

static bool
read_header(struct reader *r, struct span line, struct err *e)
{
	struct span cells[CELLS_MAX];
	bool seen[CELLS_MAX] = { 0 };

	if (!split(r, line, cells, e))
		return false;
	for (size_t i = 0; i < CELLS_MAX; i++) {
		r->order[i] = column_of(cells[i]);
		if (r->order[i] < 0)
			return bad(r, "header", cells[i], "a column", e);
		if (seen[r->order[i]])
			return bad(r, "header", cells[i], "named once", e);
		seen[r->order[i]] = true;
	}
	return true;
}

/* Upper case, so that names are equal however they are written. */
static bool
read_name(const struct reader *r, struct span cell, struct model *m, struct err *e)
{
	if (cell.n == 0 || cell.n >= sizeof m->name)
		return bad(r, NAME_HEAD, cell, "a name of 1 to 23 letters and digits", e);
	for (size_t i = 0; i < cell.n; i++) {
		if (!isalnum(cell.p[i]))
			return bad(r, NAME_HEAD, cell, "a name of 1 to 23 letters and digits", e);
		m->name[i] = (char)toupper(cell.p[i]);
	}
	return true;
}

/* wanted: what is, for the error. */
static bool
is_allowed(const struct column *c, const char *value, char wanted[VALUE_SHOWN])
{
	size_t n = 0;

	snprintf(wanted, VALUE_SHOWN, "a text");
	if (c->allowed[0] == NULL)
		return value[0] != '\0';
	for (size_t i = 0; i < ALLOWED_MAX && c->allowed[i] != NULL; i++) {
		if (strcmp(c->allowed[i], value) == 0)
			return true;
		n += (size_t)snprintf(
		    wanted + n, VALUE_SHOWN - n, "%s%s", i > 0 ? " or " : "", c->allowed[i]);
	}
	return false;
}

/* "yes/d" */
static bool
read_cell(const struct reader *r, int column, struct span cell, struct model *m, struct err *e)
{
	const struct column *c = &columns[column];
	struct model_cell *out = &m->cell[column];
	char wanted[VALUE_SHOWN];

	if (cell.n < 2 || cell.p[cell.n - 2] != '/' ||
	    (cell.p[cell.n - 1] != 'd' && cell.p[cell.n - 1] != 'a'))
		return bad(r, c->name, cell, "marked /d (documented) or /a (assumed)", e);
	out->documented = cell.p[cell.n - 1] == 'd';
	cell.n -= 2;
	if (cell.n >= sizeof out->value || !text_is_printable(cell))
		return bad(r, c->name, cell, "a value of at most 95 printable characters", e);
	memcpy(out->value, cell.p, cell.n);
	return is_allowed(c, out->value, wanted) || bad(r, c->name, cell, wanted, e);
}

static bool
read_model(struct reader *r, struct span line, struct err *e)
{
	struct span cells[CELLS_MAX];
	struct model m = { 0 };

	if (!split(r, line, cells, e))
		return false;
	for (size_t i = 0; i < CELLS_MAX; i++)
		if (r->order[i] == NAME_COLUMN ? !read_name(r, cells[i], &m, e)
					       : !read_cell(r, r->order[i], cells[i], &m, e))
			return false;
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->models[i].name, m.name) == 0)
			return err_set(e, ERR_MALFORMED, "model table: line %zu: model: %s twice",
			    r->line, m.name);
	if (r->count == MODELS_MAX)
		return err_set(
		    e, ERR_MALFORMED, "model table: line %zu: over %d models", r->line, MODELS_MAX);
	r->models = mem_grow(r->models, r->count + 1, sizeof *r->models);
	r->models[r->count++] = m;
	return true;
}

/* The next line without its end. Empty ones and those that begin with '#' say nothing. */
static bool
next_line(struct rd *in, struct reader *r, struct span *line)
{
	while (!rd_end(in)) {
		if (!rd_until(in, '\n', line))
			*line = rd_rest(in);
		r->line++;
		if (line->n > 0 && line->p[line->n - 1] == '\r')
			line->n--;
		if (line->n > 0 && line->p[0] != '#')
			return true;
	}
	return false;
}

static bool
read_all(struct reader *r, struct span csv, struct err *e)
{
	struct rd in = rd_open(csv);
	struct span line;

	if (csv.n > CSV_MAX)
		return err_set(
		    e, ERR_MALFORMED, "model table: %zu bytes, at most %d", csv.n, CSV_MAX);
	if (!next_line(&in, r, &line))
		return err_set(e, ERR_MALFORMED, "model table: line 1: no header line");
	if (!read_header(r, line, e))
		return false;
	while (next_line(&in, r, &line))
		if (!read_model(r, line, e))
			return false;
	return true;
}

/* --- the table --- */

/* Where name is, or would be. */
static size_t
place_of(const struct modeltable *t, const char *name, bool *found)
{
	size_t low = 0, high = t->count;

	*found = false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(t->models[mid].name, name);

		if (order == 0) {
			*found = true;
			return mid;
		}
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void
table_put(struct modeltable *t, const struct model *m)
{
	bool found;
	size_t at = place_of(t, m->name, &found);

	if (!found) {
		t->models = mem_grow(t->models, t->count + 1, sizeof *t->models);
		memmove(&t->models[at + 1], &t->models[at], (t->count - at) * sizeof *t->models);
		t->count++;
	}
	t->models[at] = *m;
}

bool
modeltable_read(struct modeltable *t, struct span csv, struct err *e)
{
	struct reader r = { 0 };
	bool ok = read_all(&r, csv, e);

	for (size_t i = 0; ok && i < r.count; i++)
		table_put(t, &r.models[i]);
	free(r.models);
	return ok;
}

struct modeltable *
modeltable_builtin(void)
{
	struct modeltable *t = mem_new(1, sizeof *t);
	struct err e;

	for (size_t i = 0; i < modeltable_files_count; i++)
		if (!modeltable_read(
			t, span_of(modeltable_files[i].data, modeltable_files[i].size), &e))
			abort(); /* share/models.csv of this very build */
	return t;
}

void
modeltable_free(struct modeltable *t)
{
	if (t == NULL)
		return;
	free(t->models);
	free(t);
}

size_t
modeltable_count(const struct modeltable *t)
{
	return t->count;
}

const struct model *
modeltable_at(const struct modeltable *t, size_t i)
{
	return i < t->count ? &t->models[i] : NULL;
}

/* --- finding --- */

/* Takes word off the front of s, and what separates it from the rest. */
static void
strip(const char **s, const char *word)
{
	size_t n = strlen(word);

	if (strncasecmp(*s, word, n) == 0)
		*s += n + strspn(*s + n, " -");
}

/* "CP-7965G-K9=" to "7965G", "ATA 190" to "ATA190": letters and digits up to a dash, upper case. */
static bool
plain_name(const char *written, char *out, size_t max)
{
	size_t n = 0;

	strip(&written, "Cisco");
	strip(&written, "Unified");
	strip(&written, "IP Phone");
	strip(&written, "CP-");
	strip(&written, "IP Phone");
	for (; *written != '\0' && *written != '-'; written++) {
		if (*written == ' ')
			continue;
		if (n + 1 >= max || !isalnum((unsigned char)*written))
			return false;
		out[n++] = (char)toupper((unsigned char)*written);
	}
	out[n] = '\0';
	return n > 0;
}

const struct model *
modeltable_find(const struct modeltable *t, const char *model)
{
	char name[sizeof((struct model *)0)->name];
	bool found;
	size_t at, digits;

	if (!plain_name(model, name, sizeof name))
		return NULL;
	at = place_of(t, name, &found);
	digits = strspn(name, "0123456789");
	/* "7965G", "8861NR": what follows the digits says how it is sold. */
	if (!found && digits >= 4) {
		name[digits] = '\0';
		at = place_of(t, name, &found);
	}
	return found ? &t->models[at] : NULL;
}

/* --- what follows --- */

bool
model_has_lists(const struct model *m)
{
	return m == NULL || strcmp(m->cell[MODELTABLE_SBD].value, "yes") == 0;
}

bool
model_takes_encrypted_config(const struct model *m)
{
	return m == NULL || strcmp(m->cell[MODELTABLE_ENCRYPTED_CONFIG].value, "yes") == 0;
}

enum envelope_digest
model_digest(const struct model *m, enum envelope_digest wish)
{
	if (m == NULL || strcmp(m->cell[MODELTABLE_DIGESTS].value, "sha1+sha512") != 0)
		return ENVELOPE_SHA1;
	return wish;
}

#include "admin/csv.h"

#include "base/mem.h"
#include "base/rd.h"

#include <stdlib.h>

struct reader {
	struct rd in;
	char separator;
	size_t line; /* of the row's first character */
	size_t line_now;
	char *field[CSV_COLUMNS_MAX];
	size_t count;
};

static bool
put(const struct reader *r, char *out, size_t *n, uint8_t c, struct err *e)
{
	if (c == '\0')
		return err_set(e, ERR_MALFORMED, "line %zu: NUL byte", r->line);
	if (*n == CSV_FIELD_MAX)
		return err_set(
		    e, ERR_LIMIT, "line %zu: field over %d characters", r->line, CSV_FIELD_MAX);
	out[(*n)++] = (char)c;
	return true;
}

/* Text up to the closing quote; a doubled one stands for itself. */
static bool
read_quoted(struct reader *r, char *out, size_t *n, struct err *e)
{
	uint8_t c, next;

	while (rd_u8(&r->in, &c)) {
		if (c == '"') {
			if (!rd_peek(&r->in, &next) || next != '"')
				return true;
			(void)!rd_u8(&r->in, &c);
		}
		r->line_now += c == '\n';
		if (!put(r, out, n, c, e))
			return false;
	}
	return err_set(e, ERR_MALFORMED, "line %zu: quote is not closed", r->line);
}

/* One field and what ends it; *last: the row is over. */
static bool
read_field(struct reader *r, char *out, size_t *n, bool *last, struct err *e)
{
	uint8_t c;

	*n = 0;
	if (rd_peek(&r->in, &c) && c == '"') {
		(void)!rd_u8(&r->in, &c);
		if (!read_quoted(r, out, n, e))
			return false;
	}
	for (;;) {
		*last = true;
		if (!rd_u8(&r->in, &c) || c == '\n')
			return true;
		if (c == (uint8_t)r->separator) {
			*last = false;
			return true;
		}
		if (c == '\r')
			continue;
		if (!put(r, out, n, c, e))
			return false;
	}
}

static bool
read_row(struct reader *r, struct err *e)
{
	char text[CSV_FIELD_MAX];
	bool last = false;
	size_t n;

	r->line = ++r->line_now;
	while (!last) {
		if (r->count == CSV_COLUMNS_MAX)
			return err_set(e, ERR_LIMIT, "line %zu: more than %d columns", r->line,
			    CSV_COLUMNS_MAX);
		if (!read_field(r, text, &n, &last, e))
			return false;
		r->field[r->count++] = mem_text(text, n);
	}
	return true;
}

static void
forget_row(struct reader *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->field[i]);
	r->count = 0;
}

static char
separator_of(struct span text)
{
	for (size_t i = 0; i < text.n && text.p[i] != '\n'; i++)
		if (text.p[i] == ',')
			return ',';
	return memchr(text.p, ';', text.n) != NULL ? ';' : ',';
}

bool
csv_read(struct span text, csv_row *row, void *arg, struct err *e)
{
	struct reader r = { 0 };
	bool ok = true;

	if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
		text = span_of(text.p + 3, text.n - 3);
	r.in = rd_open(text);
	r.separator = text.n > 0 ? separator_of(text) : ',';
	while (ok && !rd_end(&r.in)) {
		ok = read_row(&r, e);
		if (ok && !(r.count == 1 && r.field[0][0] == '\0'))
			ok = row(arg, r.line, r.field, r.count, e);
		forget_row(&r);
	}
	return ok;
}

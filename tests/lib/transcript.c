#include "transcript.h"

#include "base/rd.h"
#include "base/text.h"

static bool
line_parse(struct span line, struct transcript *out, struct err *e)
{
	struct rd r = rd_open(line);
	struct span mark;

	if (line.n == 0 || line.p[0] == '#')
		return true;
	if (out->count == TRANSCRIPT_LINES_MAX)
		return err_set(
		    e, ERR_LIMIT, "transcript of more than %d lines", TRANSCRIPT_LINES_MAX);
	if (!rd_span(&r, 3, &mark) || (!span_is(mark, "S> ") && !span_is(mark, "C> ")))
		return err_set(e, ERR_MALFORMED, "transcript line without S> or C>");
	if (!text_unhex(rd_rest(&r), &out->line[out->count], e))
		return false;
	out->from[out->count++] = (char)mark.p[0];
	return true;
}

bool
transcript_parse(struct span text, struct transcript *out, struct err *e)
{
	struct rd r = rd_open(text);
	struct span line;

	*out = (struct transcript){ 0 };
	while (rd_until(&r, '\n', &line))
		if (!line_parse(line, out, e))
			return false;
	return line_parse(rd_rest(&r), out, e);
}

struct span
transcript_line(const struct transcript *t, size_t i)
{
	return bytes_span(&t->line[i]);
}

void
transcript_free(struct transcript *t)
{
	for (size_t i = 0; i < t->count; i++)
		bytes_free(&t->line[i]);
	t->count = 0;
}

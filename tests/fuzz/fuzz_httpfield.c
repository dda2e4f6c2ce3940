#include "wire/httpfield.h"

#include "base/mem.h"
#include "base/rd.h"

#include <assert.h>
#include <stdlib.h>

#define SIZE 5000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_path(struct span target)
{
	struct wr out = wr_new(512);

	if (httpfield_path(target, &out)) {
		assert(out.n > 1 && out.p[0] == '/');
		assert(strlen((const char *)out.p) == out.n - 1);
	}
	wr_free(&out);
}

static void
check_date(const char *text)
{
	char again[HTTPFIELD_DATE];
	int64_t t, back;

	if (!httpfield_date(span_str(text), &t))
		return;
	httpfield_date_print(t, again);
	assert(httpfield_date(span_str(again), &back) && back == t);
}

static void
check_field(const char *name, const char *value)
{
	uint64_t n;

	if (httpfield_is_name(span_str(name)))
		assert(name[0] != '\0' && strpbrk(name, " \t\r\n:\"(),/<>@[]{}\\") == NULL);
	if (httpfield_length(span_str(value), &n))
		assert(value[0] != '\0' && value[strspn(value, "0123456789")] == '\0');
}

static void
check_part(struct httpfield_part part, bool is_get)
{
	assert(part.status == 200 || part.status == 304 || part.status == 412 || is_get);
	if (part.status == 200)
		assert(part.first == 0 && part.length == SIZE);
	else if (part.status == 206)
		assert(part.length > 0 && part.first < SIZE && part.length <= SIZE - part.first);
	else
		assert(part.length == 0);
}

/* A target and then fields, a line each, as in a request's head. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct httpfield_file file = { span_str("v1"), 784111777, SIZE };
	struct rd r = rd_open(span_of(data, size));
	struct httpfield_wish wish = { 0 };
	char *lines[16], *colon;
	struct span line;
	size_t count = 0;

	if (rd_until(&r, '\n', &line))
		check_path(line);
	while (count < 16 && rd_until(&r, '\n', &line)) {
		lines[count] = mem_text(line.p, line.n);
		colon = strchr(lines[count], ':');
		if (colon != NULL) {
			*colon = '\0';
			httpfield_note(&wish, lines[count], colon + 1);
			check_date(colon + 1);
			check_field(lines[count], colon + 1);
		}
		count++;
	}
	check_part(httpfield_weigh(&wish, &file, true), true);
	check_part(httpfield_weigh(&wish, &file, false), false);
	while (count > 0)
		free(lines[--count]);
	return 0;
}

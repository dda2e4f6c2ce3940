#include "rules/phonefilter.h"

#include "base/mem.h"
#include "rules/phonefilter_match.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct phonefilter {
	char *anywhere; /* NULL: there are criteria, or nothing */
	struct phonefilter_criterion criterion[PHONEFILTER_CRITERIA_MAX];
	size_t count;
	char (*names)[DEVICE_NAME_MAX]; /* sorted; NULL: of every name */
	size_t name_count;
};

/* The text and where in it we are. */
struct cursor {
	const char *text, *at;
};

static bool
wrong(const struct cursor *c, struct err *e, const char *expected)
{
	return err_set(e, ERR_MALFORMED, "filter, character %zu: expected %s",
	    (size_t)(c->at - c->text) + 1, expected);
}

static void
skip_blanks(struct cursor *c)
{
	c->at += strspn(c->at, " \t");
}

/* Goes past a phrase when it stands here as whole words. */
static bool
take_phrase(struct cursor *c, const char *phrase)
{
	const char *at = c->at;

	for (; *phrase != '\0'; phrase++) {
		size_t gap = strspn(at, " \t-_");

		if (*phrase == ' ') {
			if (gap == 0)
				return false;
			at += gap;
		} else if (strncasecmp(at, phrase, 1) != 0) {
			return false;
		} else {
			at++;
		}
	}
	if (*at != '\0' && strchr(" \t", *at) == NULL)
		return false;
	c->at = at;
	skip_blanks(c);
	return true;
}

static bool
take_field(struct cursor *c, struct phonefilter_criterion *out)
{
	const char *phrase;

	for (size_t i = 0; (phrase = phonefilter_field_phrase(i, &out->field)) != NULL; i++)
		if (take_phrase(c, phrase))
			return true;
	return false;
}

static bool
take_operator(struct cursor *c, struct phonefilter_criterion *out)
{
	const char *phrase;

	for (size_t i = 0; (phrase = phonefilter_operator_phrase(i, &out->op)) != NULL; i++)
		if (take_phrase(c, phrase))
			return true;
	return false;
}

static bool
take_and(struct cursor *c)
{
	return take_phrase(c, "and");
}

static bool
put(const struct cursor *c, struct phonefilter_criterion *out, size_t *n, char one, struct err *e)
{
	if (*n + 1 == sizeof out->value)
		return err_set(e, ERR_LIMIT, "filter, character %zu: a value has at most %d bytes",
		    (size_t)(c->at - c->text) + 1, PHONEFILTER_VALUE_MAX - 1);
	out->value[(*n)++] = one;
	return true;
}

static bool
take_quoted(struct cursor *c, struct phonefilter_criterion *out, struct err *e)
{
	size_t n = 0;

	for (c->at++; *c->at != '\0'; c->at++) {
		if (*c->at == '"' && *++c->at != '"') {
			if (*c->at != '\0' && strchr(" \t", *c->at) == NULL)
				return wrong(c, e, "a blank after the quote");
			skip_blanks(c);
			return true;
		}
		if (!put(c, out, &n, *c->at, e))
			return false;
	}
	return wrong(c, e, "the quote that ends the value");
}

/* Up to the next "and", which is left there. */
static bool
take_bare(struct cursor *c, struct phonefilter_criterion *out, struct err *e)
{
	size_t n = 0;

	while (*c->at != '\0') {
		struct cursor ahead = *c;
		size_t word = strcspn(c->at, " \t");

		if (n > 0 && take_and(&ahead))
			break;
		if (n > 0 && !put(c, out, &n, ' ', e))
			return false;
		for (; word > 0; word--, c->at++)
			if (!put(c, out, &n, *c->at, e))
				return false;
		skip_blanks(c);
	}
	return n > 0 || wrong(c, e, "a value; \"\" for none");
}

static bool
take_value(struct cursor *c, struct phonefilter_criterion *out, time_t now, struct err *e)
{
	size_t at = (size_t)(c->at - c->text) + 1;
	bool ok = *c->at == '"' ? take_quoted(c, out, e) : take_bare(c, out, e);

	return ok && (phonefilter_value(out, now, e) || err_in(e, "filter, character %zu", at));
}

static bool
take_criterion(struct cursor *c, struct phonefilter_criterion *out, time_t now, struct err *e)
{
	size_t at;

	if (!take_field(c, out))
		return wrong(c, e, phonefilter_fields_text);
	at = (size_t)(c->at - c->text) + 1;
	if (!take_operator(c, out))
		return wrong(c, e, phonefilter_operators_text(out->field));
	if (!phonefilter_operator_fits(out->field, out->op))
		return err_set(e, ERR_MALFORMED, "filter, character %zu: expected %s", at,
		    phonefilter_operators_text(out->field));
	return !phonefilter_takes_value(out->op) || take_value(c, out, now, e);
}

static bool
take_criteria(struct cursor *c, struct phonefilter *f, time_t now, struct err *e)
{
	do {
		if (f->count == PHONEFILTER_CRITERIA_MAX)
			return err_set(e, ERR_LIMIT, "filter: more than %d criteria",
			    PHONEFILTER_CRITERIA_MAX);
		if (!take_criterion(c, &f->criterion[f->count++], now, e))
			return false;
	} while (take_and(c));
	return *c->at == '\0' || wrong(c, e, "and, or the end");
}

/* It begins as a criterion does. "Operation Pending" is a status to look for, though "operation" is
 * a field. */
static bool
begins_as_criterion(struct cursor c)
{
	static const char pending[] = "operation pending";
	struct phonefilter_criterion ignored;
	const char *begin = c.at;

	return take_field(&c, &ignored) && *c.at != '\0' &&
	       strncasecmp(begin, pending, strlen(begin)) != 0;
}

/* Further words are an operator: a field was meant that there is not. */
static bool
has_operator(struct cursor c)
{
	struct phonefilter_criterion ignored;

	while (*c.at != '\0') {
		c.at += strcspn(c.at, " \t");
		skip_blanks(&c);
		if (take_operator(&c, &ignored))
			return true;
	}
	return false;
}

bool
phonefilter_parse(const char *text, time_t now, struct phonefilter **out, struct err *e)
{
	struct phonefilter *f = mem_new(1, sizeof *f);
	struct cursor c = { text, text };
	bool ok = true;

	skip_blanks(&c);
	if (begins_as_criterion(c) || has_operator(c))
		ok = take_criteria(&c, f, now, e);
	else if (*text != '\0')
		f->anywhere = mem_text(text, strlen(text));
	*out = ok ? f : NULL;
	if (!ok)
		phonefilter_free(f);
	return ok;
}

void
phonefilter_free(struct phonefilter *f)
{
	if (f == NULL)
		return;
	free(f->anywhere);
	free(f->names);
	mem_wipe_free(f, sizeof *f); /* an authentication string may be among the values */
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

void
phonefilter_only(struct phonefilter *f, const char *const *names, size_t count)
{
	free(f->names);
	f->names = mem_new(count + 1, sizeof *f->names);
	f->name_count = 0;
	for (size_t i = 0; i < count; i++)
		if (strlen(names[i]) < DEVICE_NAME_MAX)
			memcpy(f->names[f->name_count++], names[i], strlen(names[i]) + 1);
	qsort(f->names, f->name_count, sizeof *f->names, by_name);
}

bool
phonefilter_is_plain(const struct phonefilter *f)
{
	return f->count == 0 && f->names == NULL;
}

bool
phonefilter_fits(const struct phonefilter *f, const struct phone *p)
{
	if (f->names != NULL &&
	    bsearch(p->device.name, f->names, f->name_count, sizeof *f->names, by_name) == NULL)
		return false;
	if (f->anywhere != NULL && !phonefilter_anywhere(p, f->anywhere))
		return false;
	for (size_t i = 0; i < f->count; i++)
		if (!phonefilter_match(&f->criterion[i], p))
			return false;
	return true;
}

#include "wire/httpfield.h"

#include "base/rd.h"

#include <strings.h>

#define DAY      86400
#define TIME_MAX 253402300799 /* 31 December 9999, 23:59:59 */
#define TAG_OPEN '"'

static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
	"Oct", "Nov", "Dec" };
static const char weekdays[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

static const struct {
	const char *name;
	size_t at;
} wishes[] = {
	{ "If-Match", offsetof(struct httpfield_wish, if_match) },
	{ "If-Unmodified-Since", offsetof(struct httpfield_wish, if_unmodified_since) },
	{ "If-None-Match", offsetof(struct httpfield_wish, if_none_match) },
	{ "If-Modified-Since", offsetof(struct httpfield_wish, if_modified_since) },
	{ "Range", offsetof(struct httpfield_wish, range) },
	{ "If-Range", offsetof(struct httpfield_wish, if_range) },
};

/* What a field that came twice is kept as: there, and matching nothing. */
static const struct span twice = { (const uint8_t *)"", 0 };

void
httpfield_note(struct httpfield_wish *w, const char *name, const char *value)
{
	struct span *field;

	/* Most fields are others. */
	if (((unsigned char)name[0] | 0x20) != 'i' && ((unsigned char)name[0] | 0x20) != 'r')
		return;
	for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++)
		if (strcasecmp(name, wishes[i].name) == 0) {
			field = (struct span *)(void *)((char *)w + wishes[i].at);
			*field = field->p == NULL ? span_str(value) : twice;
			return;
		}
}

static bool
take_char(struct rd *r, uint8_t want)
{
	uint8_t c;

	return rd_peek(r, &c) && c == want && rd_u8(r, &c);
}

/* OWS: RFC 9110 5.6.3. */
static void
skip_blanks(struct rd *r)
{
	while (take_char(r, ' ') || take_char(r, '\t'))
		;
}

static bool
take_word(struct rd *r, const char *word)
{
	struct rd ahead = *r;
	struct span s;

	if (!rd_span(&ahead, strlen(word), &s) || strncasecmp((const char *)s.p, word, s.n) != 0)
		return false;
	*r = ahead;
	return true;
}

/* One or more digits; a number past 64 bits is the largest there is. Without digits out stays. */
static bool
take_number(struct rd *r, uint64_t *out)
{
	uint64_t n = 0;
	uint8_t c;
	bool any = false;

	while (rd_peek(r, &c) && c >= '0' && c <= '9' && rd_u8(r, &c)) {
		n = n > (UINT64_MAX - 9) / 10 ? UINT64_MAX : n * 10 + (c - '0');
		any = true;
	}
	if (any)
		*out = n;
	return any;
}

bool
httpfield_length(struct span value, uint64_t *out)
{
	struct rd r = rd_open(value);

	return take_number(&r, out) && rd_end(&r);
}

bool
httpfield_is_name(struct span name)
{
	for (size_t i = 0; i < name.n; i++) {
		uint8_t c = name.p[i], letter = c | 0x20;

		if ((letter < 'a' || letter > 'z') && (c < '0' || c > '9') &&
		    (c == 0 || strchr("!#$%&'*+-.^_`|~", c) == NULL))
			return false;
	}
	return name.n > 0;
}

static struct httpfield_part
whole_file(uint64_t size)
{
	return (struct httpfield_part){ .status = 200, .length = size };
}

static struct httpfield_part
last_bytes(uint64_t count, uint64_t size)
{
	if (count == 0)
		return (struct httpfield_part){ .status = 416 };
	if (size == 0) /* satisfiable, and no Content-Range can say so */
		return whole_file(size);
	if (count > size)
		count = size;
	return (struct httpfield_part){ .status = 206, .first = size - count, .length = count };
}

static struct httpfield_part
bytes_between(uint64_t first, uint64_t last, uint64_t size)
{
	if (first > last)
		return whole_file(size);
	if (first >= size)
		return (struct httpfield_part){ .status = 416 };
	if (last >= size)
		last = size - 1;
	return (struct httpfield_part){ .status = 206, .first = first, .length = last - first + 1 };
}

struct httpfield_part
httpfield_range(struct span value, uint64_t size)
{
	struct rd r = rd_open(value);
	uint64_t first = 0, last = UINT64_MAX;
	bool from_start, to_end;

	if (!take_word(&r, "bytes="))
		return whole_file(size);
	skip_blanks(&r);
	from_start = take_number(&r, &first);
	if (!take_char(&r, '-'))
		return whole_file(size);
	to_end = !take_number(&r, &last);
	skip_blanks(&r);
	if (!rd_end(&r) || (!from_start && to_end))
		return whole_file(size);
	return from_start ? bytes_between(first, last, size) : last_bytes(last, size);
}

/* entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE: RFC 9110 8.8.3. */
static bool
take_tag(struct rd *r, struct span *tag, bool *weak)
{
	uint8_t c;

	*weak = take_char(r, 'W');
	if (*weak && !take_char(r, '/'))
		return false;
	if (!take_char(r, TAG_OPEN) || !rd_until(r, TAG_OPEN, tag))
		return false;
	for (size_t i = 0; i < tag->n; i++) {
		c = tag->p[i];
		if (c < 0x21 || c == 0x7f)
			return false;
	}
	return true;
}

bool
httpfield_has_etag(struct span list, struct span etag, bool weak)
{
	struct rd r = rd_open(list);
	struct span tag;
	bool is_weak, found = false;

	if (span_is(list, "*"))
		return true;
	for (;;) {
		skip_blanks(&r);
		if (rd_end(&r))
			return found;
		if (take_char(&r, ',')) /* empty elements are let pass: 5.6.1.2 */
			continue;
		if (!take_tag(&r, &tag, &is_weak))
			return false;
		if (etag.n > 0 && (weak || !is_weak) && span_eq(tag, etag))
			found = true;
		skip_blanks(&r);
		if (!rd_end(&r) && !take_char(&r, ','))
			return false;
	}
}

/* If-Range: RFC 9110 13.1.5. A date must be exactly ours. */
static bool
range_holds(struct span value, const struct httpfield_file *f)
{
	struct rd r = rd_open(value);
	struct span tag;
	int64_t date;
	bool weak;

	if (take_tag(&r, &tag, &weak))
		return !weak && rd_end(&r) && f->etag.n > 0 && span_eq(tag, f->etag);
	return f->modified != 0 && httpfield_date(value, &date) && date == f->modified;
}

/* Modified after the date in the field; -1 when that cannot be said. */
static int
modified_since(struct span value, const struct httpfield_file *f)
{
	int64_t date;

	if (f->modified == 0 || !httpfield_date(value, &date))
		return -1;
	return f->modified > date;
}

struct httpfield_part
httpfield_weigh(const struct httpfield_wish *w, const struct httpfield_file *f, bool is_get)
{
	const struct httpfield_part stale = { .status = 412 }, same = { .status = 304 };

	if (w->if_match.p != NULL) {
		if (!httpfield_has_etag(w->if_match, f->etag, false))
			return stale;
	} else if (modified_since(w->if_unmodified_since, f) == 1) {
		return stale;
	}
	if (w->if_none_match.p != NULL) {
		if (httpfield_has_etag(w->if_none_match, f->etag, true))
			return same;
	} else if (modified_since(w->if_modified_since, f) == 0) {
		return same;
	}
	if (!is_get || w->range.p == NULL)
		return whole_file(f->size);
	if (w->if_range.p != NULL && !range_holds(w->if_range, f))
		return whole_file(f->size);
	return httpfield_range(w->range, f->size);
}

/* Days from 1 January 1970 to a day of the Gregorian calendar; years count from March, so that the
 * leap day is the last. */
static int64_t
days_of(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t days_before = (153 * (int64_t)(month > 2 ? month - 3 : month + 9) + 2) / 5;

	return y * 365 + y / 4 - y / 100 + y / 400 + days_before + day - 1 - 719468;
}

static bool
take_digits(struct rd *r, size_t count, unsigned *out)
{
	uint8_t c;

	*out = 0;
	for (size_t i = 0; i < count; i++) {
		if (!rd_u8(r, &c) || c < '0' || c > '9')
			return false;
		*out = *out * 10 + (c - '0');
	}
	return true;
}

static bool
take_name(struct rd *r, const char names[][4], unsigned count, unsigned *out)
{
	struct span s;

	if (!rd_span(r, 3, &s))
		return false;
	for (*out = 0; *out < count; ++*out)
		if (span_is(s, names[*out]))
			return true;
	return false;
}

static bool
take_text(struct rd *r, const char *text)
{
	struct span s;

	return rd_span(r, strlen(text), &s) && span_is(s, text);
}

bool
httpfield_date(struct span text, int64_t *out)
{
	struct rd r = rd_open(text);
	unsigned weekday, day, month, year, hour, minute, second;
	int64_t days;

	if (!take_name(&r, weekdays, 7, &weekday) || !take_text(&r, ", ") ||
	    !take_digits(&r, 2, &day) || !take_text(&r, " ") ||
	    !take_name(&r, months, 12, &month) || !take_text(&r, " ") ||
	    !take_digits(&r, 4, &year) || !take_text(&r, " ") || !take_digits(&r, 2, &hour) ||
	    !take_text(&r, ":") || !take_digits(&r, 2, &minute) || !take_text(&r, ":") ||
	    !take_digits(&r, 2, &second) || !take_text(&r, " GMT") || !rd_end(&r))
		return false;
	if (year < 1970 || day < 1 || hour > 23 || minute > 59 || second > 60)
		return false;
	days = days_of(year, month + 1, day);
	if (days >= days_of(month == 11 ? year + 1 : year, month == 11 ? 1 : month + 2, 1))
		return false;
	*out = days * DAY + hour * 3600 + minute * 60 + second;
	return true;
}

static char *
put_digits(char *out, unsigned count, unsigned value)
{
	for (unsigned i = count; i-- > 0; value /= 10)
		out[i] = (char)('0' + value % 10);
	return out + count;
}

void
httpfield_date_print(int64_t t, char out[HTTPFIELD_DATE])
{
	int64_t days, year;
	unsigned month = 12, second;

	t = t < 0 ? 0 : t > TIME_MAX ? TIME_MAX : t;
	days = t / DAY;
	second = (unsigned)(t % DAY);
	/* Never too early, and a few years too late at most. */
	year = 1970 + days / 365;
	while (days_of(year, 1, 1) > days)
		year--;
	while (days_of(year, month, 1) > days)
		month--;
	/* Each file that is served has one: printf would take longer than all the rest. */
	out = stpcpy(stpcpy(out, weekdays[(days + 4) % 7]), ", ");
	out = put_digits(out, 2, (unsigned)(days - days_of(year, month, 1) + 1));
	out = stpcpy(stpcpy(stpcpy(out, " "), months[month - 1]), " ");
	out = stpcpy(put_digits(out, 4, (unsigned)year), " ");
	out = stpcpy(put_digits(out, 2, second / 3600), ":");
	out = stpcpy(put_digits(out, 2, second / 60 % 60), ":");
	strcpy(put_digits(out, 2, second % 60), " GMT");
}

static bool
hex_value(uint8_t c, uint8_t *out)
{
	if (c >= '0' && c <= '9')
		*out = (uint8_t)(c - '0');
	else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		*out = (uint8_t)((c | 0x20) - 'a' + 10);
	else
		return false;
	return true;
}

/* The value behind a '%'. */
static bool
take_encoded(struct rd *r, uint8_t *out)
{
	uint8_t high, low;

	if (!rd_u8(r, &high) || !rd_u8(r, &low) || !hex_value(high, &high) || !hex_value(low, &low))
		return false;
	*out = (uint8_t)(high << 4 | low);
	return *out != 0;
}

/* Past "http://host" or "https://host"; nothing of it but the path matters to us. */
static bool
skip_authority(struct rd *r)
{
	uint8_t c;

	if (!take_word(r, "http://") && !take_word(r, "https://"))
		return false;
	while (rd_peek(r, &c) && c != '/' && c != '?') {
		if (c <= 0x20 || c == 0x7f || c == '#' || !rd_u8(r, &c))
			return false;
	}
	return true;
}

bool
httpfield_path(struct span target, struct wr *out)
{
	struct rd r = rd_open(target);
	uint8_t c;

	wr_reset(out);
	if (!rd_peek(&r, &c) || (c != '/' && !skip_authority(&r)))
		return false;
	if (!rd_peek(&r, &c) || c == '?')
		wr_u8(out, '/');
	while (rd_u8(&r, &c) && c != '?') {
		if (c <= 0x20 || c == 0x7f || c == '#' || (c == '%' && !take_encoded(&r, &c)))
			return false;
		wr_u8(out, c);
	}
	wr_u8(out, 0);
	return wr_ok(out);
}

#include "rules/findings.h"

#include "base/bytes.h"
#include "rules/phonecfg.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define CONFIG_TAIL ".cnf.xml"
#define LIST_TAIL   ".tlv"
#define DEFAULT     "XMLDefault"
#define PREFIX      3 /* SEP, ATA */
#define MAC_DIGITS  12
#define MB          (1024 * 1024)

/* An entry and what its name says. */
struct look {
	const struct findings_entry *en;
	struct fname name;
	bool askable; /* name is filled */
	struct err why;
};

static const char *const severity_names[] = {
	[FINDINGS_NOTE] = "note",
	[FINDINGS_ERROR] = "error",
};

const char *
findings_severity_name(enum findings_severity s)
{
	return severity_names[s];
}

static bool find(struct finding *out, enum findings_severity severity, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Always true. */
static bool
find(struct finding *out, enum findings_severity severity, const char *fmt, ...)
{
	va_list ap;

	*out = (struct finding){ .severity = severity };
	va_start(ap, fmt);
	vsnprintf(out->text, sizeof out->text, fmt, ap);
	va_end(ap);
	return true;
}

/* --- what kind of entry it is --- */

/* The one rule that folders are under too. */
static bool
cannot_be_read(const struct look *l, struct finding *out)
{
	if (l->en->readable || l->en->is_link || !(l->en->is_folder || l->en->is_file))
		return false;
	if (l->en->is_folder)
		return find(out, FINDINGS_ERROR,
		    "this folder may not be read by the daemon's user, and nothing in it is "
		    "served: chmod o+rx");
	return find(out, FINDINGS_ERROR,
	    "may not be read by the daemon's user and is not served: chmod o+r");
}

static bool
is_bad_link(const struct look *l, struct finding *out)
{
	if (!l->en->is_link)
		return false;
	if (l->en->leads_out)
		return find(out, FINDINGS_ERROR,
		    "this link leads out of the provisioning folder, or is an absolute one, and is "
		    "not followed: put the file itself here, or a relative link that stays inside");
	return !l->en->readable &&
	       find(out, FINDINGS_ERROR,
		   "this link leads to nothing that may be read: put the file itself here");
}

static bool
is_something_else(const struct look *l, struct finding *out)
{
	return !l->en->is_file && !l->en->is_folder && !l->en->is_link &&
	       find(out, FINDINGS_NOTE, "is no regular file and never served");
}

static bool
is_too_large(const struct look *l, struct finding *out)
{
	return l->en->is_file && l->en->size > l->en->max_size &&
	       find(out, FINDINGS_ERROR,
		   "%llu bytes: [files] max-file-size in sealtone.conf allows %llu MB, and it is "
		   "not served",
		   (unsigned long long)l->en->size, (unsigned long long)l->en->max_size / MB);
}

/* --- names --- */

static bool
cannot_be_asked_for(const struct look *l, struct finding *out)
{
	return !l->askable &&
	       find(out, FINDINGS_NOTE, "no phone can ask for this name, it is never served: %s",
		   l->why.text);
}

static bool
ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), m = strlen(tail);

	return n >= m && strcasecmp(s + n - m, tail) == 0;
}

/* Phones look for lists in the folder itself only. */
static bool
is_left_over_list(const struct look *l, struct finding *out)
{
	const char *path = l->en->path;

	if (!l->en->is_file || strchr(path, '/') != NULL || !ends_with(path, LIST_TAIL) ||
	    (strncasecmp(path, "CTL", 3) != 0 && strncasecmp(path, "ITL", 3) != 0))
		return false;
	if (l->en->size == 0)
		return find(
		    out, FINDINGS_NOTE, "an empty stub of a trust list is never served: delete it");
	return find(out, FINDINGS_NOTE,
	    "a trust list of another server is never served: Sealtone makes the trust lists "
	    "itself; delete it");
}

/* The part of the name before an ending that is that of a configuration in whatever case. */
static bool
config_stem(const char *plain, struct span *stem)
{
	if (strchr(plain, '/') != NULL || !ends_with(plain, CONFIG_TAIL))
		return false;
	*stem = span_of(plain, strlen(plain) - strlen(CONFIG_TAIL));
	return true;
}

static bool
is_signed_by_hand(const struct look *l, struct finding *out)
{
	const struct fname *n = &l->name;
	struct span stem;
	bool config = config_stem(n->plain, &stem);

	if (!l->en->is_file || !n->is_signed || !(config || n->is_encrypted || l->en->plain_beside))
		return false;
	if (!l->en->plain_beside)
		return find(out, config ? FINDINGS_ERROR : FINDINGS_NOTE,
		    "a file that was %s elsewhere is never served: put %s here, Sealtone %s it "
		    "itself",
		    n->is_encrypted ? "encrypted" : "signed", n->plain,
		    n->is_encrypted ? "encrypts" : "signs");
	return find(out, FINDINGS_NOTE,
	    "never served: %s lies beside it, and Sealtone %s that itself; delete it", n->plain,
	    n->is_encrypted ? "encrypts" : "signs");
}

static bool
is_of_phone(struct span stem)
{
	return stem.n >= PREFIX && strncasecmp((const char *)stem.p, "SEP", PREFIX) == 0;
}

/* Digits of a MAC in upper case, without what separates them; false when something else is there
 * too. */
static bool
mac_digits(struct span s, char out[FNAME_MAX + 1], size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (isxdigit(s.p[i]))
			out[(*count)++] = (char)toupper(s.p[i]);
		else if (strchr(":-._", s.p[i]) == NULL)
			return false;
	}
	out[*count] = '\0';
	return true;
}

/* The name that phones ask for, when this is one in other letters. */
static bool
true_stem(struct span stem, char out[FNAME_MAX + 1])
{
	char mac[FNAME_MAX + 1];
	size_t digits;

	if (stem.n == strlen(DEFAULT) && strncasecmp((const char *)stem.p, DEFAULT, stem.n) == 0) {
		snprintf(out, FNAME_MAX + 1, DEFAULT);
		return true;
	}
	if (stem.n < PREFIX + MAC_DIGITS || (stem.n > PREFIX + MAC_DIGITS && !is_of_phone(stem)) ||
	    !mac_digits(span_of(stem.p + PREFIX, stem.n - PREFIX), mac, &digits) ||
	    digits != MAC_DIGITS)
		return false;
	snprintf(out, FNAME_MAX + 1, "%c%c%c%s", toupper(stem.p[0]), toupper(stem.p[1]),
	    toupper(stem.p[2]), mac);
	return true;
}

static bool
is_in_other_letters(const struct look *l, struct finding *out)
{
	const char *plain = l->name.plain;
	char wanted[FNAME_MAX + sizeof CONFIG_TAIL], name[FNAME_MAX + 1];
	struct span stem;

	if (!l->en->is_file || l->name.is_signed || !config_stem(plain, &stem))
		return false;
	if (true_stem(stem, name))
		snprintf(wanted, sizeof wanted, "%s" CONFIG_TAIL, name);
	else
		snprintf(
		    wanted, sizeof wanted, "%.*s" CONFIG_TAIL, (int)stem.n, (const char *)stem.p);
	return strcmp(wanted, plain) != 0 &&
	       find(out, FINDINGS_ERROR, "phones ask for %s: rename it", wanted);
}

static bool
is_no_mac(const struct look *l, struct finding *out)
{
	char name[FNAME_MAX + 1];
	struct span stem;
	size_t digits;

	if (!l->en->is_file || l->name.is_signed || !config_stem(l->name.plain, &stem) ||
	    !is_of_phone(stem) || true_stem(stem, name))
		return false;
	if (mac_digits(span_of(stem.p + PREFIX, stem.n - PREFIX), name, &digits))
		return find(out, FINDINGS_ERROR,
		    "no phone asks for it: %zu digits follow SEP, and a MAC has %d", digits,
		    MAC_DIGITS);
	return find(out, FINDINGS_ERROR,
	    "no phone asks for it: SEP must be followed by the %d digits of a MAC, 0 to 9 and A to "
	    "F",
	    MAC_DIGITS);
}

/* --- configurations --- */

static bool
is_plain_config(const struct look *l)
{
	return l->en->is_file && l->name.kind == FNAME_CONFIG && !l->name.is_signed;
}

static bool
is_too_large_for_a_phone(const struct look *l, struct finding *out)
{
	return is_plain_config(l) && l->en->size > PHONECFG_MAX &&
	       find(out, FINDINGS_ERROR,
		   "%llu bytes: phones load at most %d, and get the last good version, where there "
		   "is one",
		   (unsigned long long)l->en->size, PHONECFG_MAX);
}

/* "configuration: line 7: port: ...": what stands before the reason is said otherwise. */
static bool
find_fault(struct finding *out, const char *text)
{
	static const char context[] = "configuration: ", line[] = "line ";
	unsigned long number = 0;

	if (strncmp(text, context, sizeof context - 1) == 0)
		text += sizeof context - 1;
	if (strncmp(text, line, sizeof line - 1) == 0) {
		char *end;

		number = strtoul(text + sizeof line - 1, &end, 10);
		text = strncmp(end, ": ", 2) == 0 ? end + 2 : end;
	}
	find(out, FINDINGS_ERROR, "%s; the phone gets the last good version, where there is one",
	    text);
	out->line = (unsigned)number;
	return true;
}

static bool
cannot_be_built(const struct look *l, struct finding *out)
{
	const struct phonecfg_wish wish = { .is_default = !l->name.has_device };
	struct bytes built;
	struct err e = { 0 };

	if (!is_plain_config(l) || l->en->content.p == NULL)
		return false;
	if (!phonecfg_build(l->en->content, &wish, &built, NULL, &e))
		return find_fault(out, e.text);
	bytes_free(&built);
	return false;
}

/* --- all --- */

/* What one of a kind is wrong with is the first that applies. */
static bool (*const of_entry[])(const struct look *l, struct finding *out) = {
	cannot_be_asked_for,
	is_bad_link,
	cannot_be_read,
	is_something_else,
	is_too_large,
};
static bool (*const of_name[])(const struct look *l, struct finding *out) = {
	is_left_over_list,
	is_signed_by_hand,
	is_in_other_letters,
	is_no_mac,
};
static bool (*const of_content[])(const struct look *l, struct finding *out) = {
	is_too_large_for_a_phone,
	cannot_be_built,
};

#define COUNT(rules) (sizeof(rules) / sizeof(rules)[0])

static bool
first_of(bool (*const *rule)(const struct look *l, struct finding *out), size_t count,
    const struct look *l, struct finding *out)
{
	for (size_t i = 0; i < count; i++)
		if (rule[i](l, out))
			return true;
	return false;
}

size_t
findings_judge(const struct findings_entry *en, struct finding out[FINDINGS_MAX])
{
	struct look l = { .en = en };
	size_t n = 0;

	l.askable = fname_parse(span_str(en->path), &l.name, &l.why);
	n += first_of(of_entry, COUNT(of_entry), &l, &out[n]);
	if (!l.askable)
		return n;
	n += first_of(of_name, COUNT(of_name), &l, &out[n]);
	n += first_of(of_content, COUNT(of_content), &l, &out[n]);
	return n;
}

bool
findings_wants_content(const char *path, uint64_t size)
{
	struct fname name;

	return size <= PHONECFG_MAX && fname_parse(span_str(path), &name, NULL) &&
	       name.kind == FNAME_CONFIG && !name.is_signed;
}

bool
findings_plain(const char *path, char plain[FNAME_MAX + 1])
{
	struct fname name;

	if (!fname_parse(span_str(path), &name, NULL) || !name.is_signed)
		return false;
	memcpy(plain, name.plain, sizeof name.plain);
	return true;
}

#include "rules/diagnosis_internal.h"

#include <string.h>

/* What a packet capture shows of files and names: rows 5, 17, 22, 26, 27, 29 and 38 of the
 * troubleshooting table. */

#define TFTP_NOT_FOUND 1 /* RFC 1350, appendix */
#define HTTP_NOT_FOUND 404

#define DNS_A    1
#define DNS_AAAA 28

bool
diagnosis_is_own(const struct diagnosis_capture *c, const struct packet_address *a)
{
	for (size_t i = 0; i < c->own_count; i++)
		if (packet_address_eq(&c->own[i], a))
			return true;
	return c->own_count == 0;
}

static bool
starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool
ends_with(const char *text, const char *suffix)
{
	size_t n = strlen(text), m = strlen(suffix);

	return n >= m && strcmp(text + n - m, suffix) == 0;
}

static bool
is_list(const struct captured_file *f, const char *prefix)
{
	return starts_with(f->name, prefix) && ends_with(f->name, ".tlv");
}

static bool
is_given(const struct captured_file *f)
{
	return f->answer == CAPTURED_GIVEN;
}

static bool
is_not_found(const struct captured_file *f)
{
	return f->answer == CAPTURED_REFUSED &&
	       f->code == (f->http ? HTTP_NOT_FOUND : TFTP_NOT_FOUND);
}

static void
say_file(struct diagnosis_finding *out, const struct captured_file *f, const char *what)
{
	char server[PACKET_ADDRESS_TEXT];

	diagnosis_add(out, "capture packet %zu: %s asked of %s over %s: %s", f->packet, f->name,
	    packet_address_text(&f->server, server), f->http ? "HTTP" : "TFTP", what);
}

/* --- names --- */

/* Under any type: a phone that asks for A and AAAA needs one of them. */
static bool
is_resolved(const struct captured_phone *seen, const char *name)
{
	for (size_t i = 0; i < seen->names; i++)
		if (strcasecmp(seen->name[i].name, name) == 0 &&
		    seen->name[i].resolution == CAPTURED_RESOLVED)
			return true;
	return false;
}

/* One question without an answer may be the last packet of the capture. */
static bool
is_unresolved(const struct captured_name *n)
{
	return (n->type == DNS_A || n->type == DNS_AAAA) && n->resolution != CAPTURED_RESOLVED &&
	       (n->resolution != CAPTURED_UNANSWERED || n->asked > 1);
}

bool
diagnosis_seen_dns(const struct diagnosis_run *r, struct diagnosis_finding *f)
{
	const struct captured_phone *seen = r->facts->capture.seen;
	bool found = false;

	for (size_t i = 0; seen != NULL && i < seen->names; i++) {
		const struct captured_name *n = &seen->name[i];

		if (!is_unresolved(n) || is_resolved(seen, n->name))
			continue;
		diagnosis_add(f, "capture packet %zu: name %s (%s): %s", n->packet, n->name,
		    n->type == DNS_A ? "A" : "AAAA", captured_resolution_text(n->resolution));
		found = true;
	}
	return found;
}

/* --- lists --- */

/* It asked for lists of this kind, and was told each time that there is none. */
bool
diagnosis_seen_no_list(
    const struct diagnosis_run *r, const char *prefix, struct diagnosis_finding *f)
{
	const struct captured_phone *seen = r->facts->capture.seen;
	bool found = false;

	for (size_t i = 0; seen != NULL && i < seen->files; i++)
		if (is_list(&seen->file[i], prefix) && !is_not_found(&seen->file[i]))
			return false;
	for (size_t i = 0; seen != NULL && i < seen->files; i++)
		if (is_list(&seen->file[i], prefix)) {
			say_file(f, &seen->file[i], "not found");
			found = true;
		}
	return found;
}

bool
diagnosis_seen_ctl(const struct diagnosis_run *r, struct diagnosis_finding *f)
{
	const struct captured_phone *seen = r->facts->capture.seen;
	bool found = false;

	for (size_t i = 0; seen != NULL && i < seen->files; i++)
		if (is_list(&seen->file[i], "CTL") && is_given(&seen->file[i])) {
			say_file(f, &seen->file[i], "given");
			found = true;
		}
	return found;
}

bool
diagnosis_seen_two_itls(const struct diagnosis_run *r, struct diagnosis_finding *f)
{
	const struct captured_phone *seen = r->facts->capture.seen;
	const struct captured_file *first = NULL;
	bool found = false;

	for (size_t i = 0; seen != NULL && i < seen->files; i++) {
		const struct captured_file *one = &seen->file[i];

		if (!is_list(one, "ITL") || !is_given(one))
			continue;
		if (first == NULL)
			first = one;
		else if (!packet_address_eq(&first->server, &one->server)) {
			if (!found)
				say_file(f, first, "given");
			say_file(f, one, "given");
			found = true;
		}
	}
	return found;
}

/* --- configurations --- */

static const struct captured_file *
given_itl(const struct captured_phone *seen)
{
	for (size_t i = 0; seen != NULL && i < seen->files; i++)
		if (is_list(&seen->file[i], "ITL") && is_given(&seen->file[i]))
			return &seen->file[i];
	return NULL;
}

/* Signed files may have come over HTTPS, where names are not to be seen. */
static bool
may_have_asked_for_signed(const struct captured_phone *seen)
{
	for (size_t i = 0; i < seen->files; i++)
		if (ends_with(seen->file[i].name, ".sgn"))
			return true;
	for (size_t i = 0; i < seen->servers; i++)
		if (seen->server[i].service == CAPTURED_HTTPS && seen->server[i].established > 0)
			return true;
	return false;
}

bool
diagnosis_seen_plain(const struct diagnosis_run *r, struct diagnosis_finding *f)
{
	const struct captured_phone *seen = r->facts->capture.seen;
	const struct phone *record = r->facts->phone.record;
	const struct captured_file *itl = given_itl(seen);
	bool found = false;

	if (itl == NULL || (record != NULL && record->released) || may_have_asked_for_signed(seen))
		return false;
	for (size_t i = 0; i < seen->files; i++) {
		const struct captured_file *one = &seen->file[i];

		if (!starts_with(one->name, "SEP") || !ends_with(one->name, ".cnf.xml") ||
		    one->packet < itl->packet)
			continue;
		say_file(f, itl, "given");
		say_file(f, one, "and no signed form of it");
		found = true;
	}
	return found;
}

/* --- which server --- */

static void
find_other_server(struct diagnosis_run *r)
{
	const struct diagnosis_capture *c = &r->facts->capture;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_OTHER_SERVER);
	bool asks_ours = false;

	for (size_t i = 0; i < c->seen->files; i++) {
		const struct captured_file *one = &c->seen->file[i];

		asks_ours |= diagnosis_is_own(c, &one->server);
		if (ends_with(one->name, ".tlv") || strstr(one->name, ".cnf.xml") != NULL)
			say_file(&f, one, is_given(one) ? "given" : "not given");
	}
	if (!asks_ours)
		diagnosis_tell(r, &f);
}

static void
find_unanswered(struct diagnosis_run *r)
{
	const struct captured_phone *seen = r->facts->capture.seen;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_FILES_UNANSWERED);

	for (size_t i = 0; i < seen->files; i++) {
		if (seen->file[i].answer != CAPTURED_SILENCE)
			return;
		say_file(&f, &seen->file[i], "no answer");
	}
	diagnosis_tell(r, &f);
}

void
diagnosis_captured(struct diagnosis_run *r)
{
	if (r->facts->capture.seen == NULL)
		return;
	find_other_server(r);
	find_unanswered(r);
	diagnosis_captured_calls(r);
}

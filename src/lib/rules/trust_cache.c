#include "rules/trust_cache.h"

#include "base/mem.h"
#include "base/rd.h"
#include "base/text.h"
#include "base/wr.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT_MAX (1024 * 1024)

static void
free_entry(struct trust_cache_entry *entry)
{
	bytes_free(&entry->certificate);
	bytes_free(&entry->issuer);
	bytes_free(&entry->serial);
	*entry = (struct trust_cache_entry){ 0 };
}

static void
remove_at(struct trust_cache *c, size_t i)
{
	free_entry(&c->entries[i]);
	c->count--;
	memmove(&c->entries[i], &c->entries[i + 1], (c->count - i) * sizeof c->entries[0]);
	c->entries[c->count] = (struct trust_cache_entry){ 0 };
}

static bool
names(const struct trust_cache_entry *entry, struct span issuer, struct span serial)
{
	return span_eq(bytes_span(&entry->issuer), issuer) &&
	       span_eq(bytes_span(&entry->serial), serial);
}

void
trust_cache_put(struct trust_cache *c, const struct trust_cache_entry *new)
{
	struct trust_cache_entry entry = *new;

	entry.certificate = bytes_copy(bytes_span(&new->certificate));
	entry.issuer = bytes_copy(bytes_span(&new->issuer));
	entry.serial = bytes_copy(bytes_span(&new->serial));
	for (size_t i = 0; i < c->count; i++)
		if (names(&c->entries[i], bytes_span(&entry.issuer), bytes_span(&entry.serial))) {
			remove_at(c, i);
			break;
		}
	if (c->count == TRUST_CACHE_MAX)
		remove_at(c, 0);
	c->entries[c->count++] = entry;
}

const struct trust_cache_entry *
trust_cache_find(const struct trust_cache *c, struct span issuer, struct span serial, time_t now)
{
	for (size_t i = 0; i < c->count; i++)
		if (now < c->entries[i].expires && names(&c->entries[i], issuer, serial))
			return &c->entries[i];
	return NULL;
}

const struct trust_cache_entry *
trust_cache_find_der(const struct trust_cache *c, struct span der, time_t now)
{
	for (size_t i = 0; i < c->count; i++)
		if (now < c->entries[i].expires &&
		    span_eq(bytes_span(&c->entries[i].certificate), der))
			return &c->entries[i];
	return NULL;
}

void
trust_cache_flush(struct trust_cache *c)
{
	for (size_t i = 0; i < c->count; i++)
		free_entry(&c->entries[i]);
	*c = (struct trust_cache){ 0 };
}

static void
write_hex(struct wr *w, struct span s, char end)
{
	char *hex = text_hex(s);

	wr_text(w, s.n > 0 ? hex : "-");
	wr_u8(w, (uint8_t)end);
	free(hex);
}

bool
trust_cache_encode(const struct trust_cache *c, time_t now, struct bytes *out, struct err *e)
{
	struct wr w = wr_new(TEXT_MAX);

	for (size_t i = 0; i < c->count; i++) {
		const struct trust_cache_entry *entry = &c->entries[i];
		char expires[32];

		if (now >= entry->expires)
			continue;
		snprintf(expires, sizeof expires, "%lld ", (long long)entry->expires);
		wr_text(&w, expires);
		write_hex(&w, span_of(entry->roles, entry->role_count), ' ');
		write_hex(&w, bytes_span(&entry->issuer), ' ');
		write_hex(&w, bytes_span(&entry->serial), ' ');
		write_hex(&w, bytes_span(&entry->certificate), '\n');
	}
	return wr_done(&w, out, e);
}

static bool
read_hex(struct rd *r, char end, struct bytes *out, struct err *e)
{
	struct span s;

	if (!rd_until(r, (uint8_t)end, &s))
		return err_set(e, ERR_MALFORMED, "five words were expected");
	if (span_is(s, "-"))
		return true;
	return text_unhex(s, out, e);
}

static bool
read_expiry(struct rd *r, time_t *out, struct err *e)
{
	struct span s;
	unsigned long v;
	char text[24];

	if (!rd_until(r, ' ', &s) || s.n >= sizeof text)
		return err_set(e, ERR_MALFORMED, "a time was expected");
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (!text_number(text, 0, LONG_MAX, &v))
		return err_set(e, ERR_MALFORMED, "a time was expected");
	*out = (time_t)v;
	return true;
}

static bool
read_line(struct rd *r, struct trust_cache *c, struct err *e)
{
	struct trust_cache_entry entry = { 0 };
	struct bytes roles = { 0 };
	bool ok = read_expiry(r, &entry.expires, e) && read_hex(r, ' ', &roles, e) &&
		  read_hex(r, ' ', &entry.issuer, e) && read_hex(r, ' ', &entry.serial, e) &&
		  read_hex(r, '\n', &entry.certificate, e);

	if (ok && roles.n > sizeof entry.roles)
		ok = err_set(e, ERR_LIMIT, "more than %zu roles", sizeof entry.roles);
	if (ok && roles.n > 0)
		memcpy(entry.roles, roles.p, roles.n);
	entry.role_count = roles.n;
	if (ok)
		trust_cache_put(c, &entry);
	bytes_free(&roles);
	free_entry(&entry);
	return ok;
}

bool
trust_cache_parse(struct span text, struct trust_cache *c, struct err *e)
{
	struct rd r = rd_open(text);

	*c = (struct trust_cache){ 0 };
	for (unsigned line = 1; !rd_end(&r); line++)
		if (!read_line(&r, c, e)) {
			trust_cache_flush(c);
			return err_in(e, "line %u", line);
		}
	return true;
}

#include "rules/trustview.h"

#include "base/mem.h"
#include "wire/trustlist.h"

#include <stdlib.h>

struct held {
	struct trustview_entry entry;
	struct cert *cert; /* the same as the entry's, ours */
};

struct trustview {
	struct held *held;
	size_t count;
};

struct roles {
	uint8_t role[3];
	size_t count;
};

static const char *const store_names[TRUST_STORE_COUNT] = {
	[TRUST_CALLMANAGER] = "callmanager-trust",
	[TRUST_CAPF] = "capf-trust",
	[TRUST_TVS] = "tvs-trust",
	[TRUST_PHONE_SAST] = "phone-sast-trust",
	[TRUST_PHONE_VPN] = "phone-vpn-trust",
	[TRUST_PHONE] = "phone-trust",
};

static const struct roles own_roles[PURPOSE_COUNT] = {
	[PURPOSE_CALLMANAGER] = { { FUNCTION_SAST, FUNCTION_CCM, FUNCTION_TFTP }, 3 },
	[PURPOSE_CALLMANAGER_EC] = { { FUNCTION_TFTP }, 1 },
	[PURPOSE_TVS] = { { FUNCTION_TVS }, 1 },
	[PURPOSE_CAPF] = { { FUNCTION_CAPF }, 1 },
	[PURPOSE_ITLRECOVERY] = { { FUNCTION_SAST }, 1 },
	[PURPOSE_WEB] = { { FUNCTION_APP_SERVER }, 1 },
	[PURPOSE_CAPF_ISSUER] = { { FUNCTION_CAPF }, 1 },
};

/* tvs.md: a certificate in callmanager-trust and phone-sast-trust was answered with SAST and
 * TFTP, or SAST and CCM+TFTP. The other rows are assumed. */
static const struct roles store_roles[TRUST_STORE_COUNT] = {
	[TRUST_CALLMANAGER] = { { FUNCTION_CCM, FUNCTION_TFTP }, 2 },
	[TRUST_CAPF] = { { FUNCTION_CAPF }, 1 },
	[TRUST_TVS] = { { FUNCTION_TVS }, 1 },
	[TRUST_PHONE_SAST] = { { FUNCTION_SAST, FUNCTION_TFTP }, 2 },
	[TRUST_PHONE_VPN] = { { FUNCTION_APP_SERVER }, 1 },
	[TRUST_PHONE] = { { FUNCTION_APP_SERVER }, 1 },
};

const char *
trust_store_name(enum trust_store s)
{
	return store_names[s];
}

bool
trust_store_from_name(const char *name, enum trust_store *out)
{
	for (size_t i = 0; i < TRUST_STORE_COUNT; i++) {
		if (strcmp(store_names[i], name) != 0)
			continue;
		*out = (enum trust_store)i;
		return true;
	}
	return false;
}

struct trustview *
trustview_new(void)
{
	return mem_new(1, sizeof(struct trustview));
}

void
trustview_free(struct trustview *v)
{
	if (v == NULL)
		return;
	for (size_t i = 0; i < v->count; i++)
		cert_free(v->held[i].cert);
	free(v->held);
	free(v);
}

static struct trustview_entry *
entry_of(const struct trustview *v, struct span der)
{
	for (size_t i = 0; i < v->count; i++)
		if (span_eq(cert_der(v->held[i].cert), der))
			return &v->held[i].entry;
	return NULL;
}

/* Keeps the roles ascending; one that is there already stays single. */
static void
role_add(struct trustview_entry *entry, uint8_t role)
{
	size_t at = 0;

	while (at < entry->role_count && entry->roles[at] < role)
		at++;
	if (at < entry->role_count && entry->roles[at] == role)
		return;
	memmove(entry->roles + at + 1, entry->roles + at, entry->role_count - at);
	entry->roles[at] = role;
	entry->role_count++;
}

static void
add(struct trustview *v, const struct roles *roles, const struct cert *c)
{
	struct trustview_entry *entry = entry_of(v, cert_der(c));

	if (entry == NULL) {
		struct cert *own = cert_ref(c);

		v->held = mem_grow(v->held, v->count + 1, sizeof *v->held);
		v->held[v->count] = (struct held){ { .cert = own }, own };
		entry = &v->held[v->count++].entry;
	}
	for (size_t i = 0; i < roles->count; i++)
		role_add(entry, roles->role[i]);
}

void
trustview_add_own(struct trustview *v, enum purpose purpose, const struct cert *c)
{
	add(v, &own_roles[purpose], c);
}

void
trustview_add_trusted(struct trustview *v, enum trust_store store, const struct cert *c)
{
	add(v, &store_roles[store], c);
}

const struct trustview_entry *
trustview_find_der(const struct trustview *v, struct span der)
{
	return entry_of(v, der);
}

/* files.md 1.1: serials go without sign byte; one that has it all the same names the same number.
 */
static struct span
serial_bare(struct span serial)
{
	while (serial.n > 1 && serial.p[0] == 0)
		serial = span_of(serial.p + 1, serial.n - 1);
	return serial;
}

static bool
entry_fits(const struct trustview_entry *entry, struct span subject, struct span issuer,
    struct span serial)
{
	const struct cert *c = entry->cert;

	return span_eq(cert_serial(c), serial) &&
	       (span_is(issuer, cert_issuer_cucm(c)) || span_is(issuer, cert_issuer_peer(c))) &&
	       (subject.n == 0 || span_is(subject, cert_subject_cucm(c)) ||
		   span_is(subject, cert_subject_peer(c)));
}

const struct trustview_entry *
trustview_find(
    const struct trustview *v, struct span subject, struct span issuer, struct span serial)
{
	serial = serial_bare(serial);
	for (size_t i = 0; i < v->count; i++)
		if (entry_fits(&v->held[i].entry, subject, issuer, serial))
			return &v->held[i].entry;
	return NULL;
}

#include "rules/trustlist_build.h"

#include "pki/key.h"
#include "rules/signedfile.h"
#include "wire/trustlist.h"

#include <assert.h>
#include <string.h>

/* SAST twice, TFTP, EC TFTP, CAPF. */
#define FIXED_RECORDS 5
#define NEXT_RECORDS  5 /* the same, and TVS */
#define RECORDS_MAX   (FIXED_RECORDS + NEXT_RECORDS + TRUSTLIST_BUILD_NODES_MAX)

/* files.md 1.2: every list of Unified CM seen. */
#define VERSION_MAJOR 1
#define VERSION_MINOR 2

/* Tag 28. With 1.1 phones that know EC fetch files by HTTPS on 6971, where the EC TFTP record's
 * certificate is shown; lists of 8.0 to 10.5 have none (files.md 1.2 and 8). */
#define SIGNER_MAJOR 1
#define SIGNER_MINOR 1

/* files.md 1.2: whatever name the list is served under. */
static const char list_filename[] = "ITLFile.tlv";

/* files.md 1.4: an empty DNSNAME of an ITL has two bytes; that they are a blank and a NUL is
 * assumed. */
static const char no_host[] = " ";

/* files.md 1.4, the styles. */
static const uint8_t full_style[] = { TRUSTLIST_RECORD_LENGTH, TRUSTLIST_DNS_NAME,
	TRUSTLIST_SUBJECT, TRUSTLIST_FUNCTION, TRUSTLIST_ISSUER, TRUSTLIST_SERIAL,
	TRUSTLIST_PUBLIC_KEY, TRUSTLIST_SIGNATURE, TRUSTLIST_CERTIFICATE };
static const uint8_t hash_style[] = { TRUSTLIST_RECORD_LENGTH, TRUSTLIST_DNS_NAME,
	TRUSTLIST_SUBJECT, TRUSTLIST_FUNCTION, TRUSTLIST_ISSUER, TRUSTLIST_SERIAL,
	TRUSTLIST_PUBLIC_KEY, TRUSTLIST_SIGNATURE, TRUSTLIST_CERT_HASH, TRUSTLIST_HASH_ALGORITHM };

static const char *const generations[] = {
	[GENERATION_G8] = "G8",
	[GENERATION_G10] = "G10",
	[GENERATION_G12] = "G12",
};

const char *
generation_name(enum generation g)
{
	return generations[g];
}

bool
generation_from_name(const char *name, enum generation *out)
{
	for (size_t i = 0; i < sizeof generations / sizeof generations[0]; i++)
		if (strcmp(name, generations[i]) == 0) {
			*out = (enum generation)i;
			return true;
		}
	return false;
}

bool
generation_has_other_signer(enum generation g)
{
	return g != GENERATION_G8;
}

/* phone.md, the table of generations and what follows it: in G10 a reset signs with ITLRecovery's
 * key, in G12 with CallManager's. */
enum purpose
generation_signer(enum generation g, bool other)
{
	assert(!other || generation_has_other_signer(g));
	return (g == GENERATION_G12) != other ? PURPOSE_ITLRECOVERY : PURPOSE_CALLMANAGER;
}

const struct cert *
trustlist_plan_signer(const struct trustlist_plan *p)
{
	return generation_signer(p->generation, p->other_signer) == PURPOSE_ITLRECOVERY
		   ? p->itlrecovery
		   : p->callmanager;
}

/* The hash is SHA-1 whatever digest signs the list: a real cluster's records have 20 bytes in all
 * releases seen (files.md 1.4). */
static void
record_style(struct trustlist_record *r, const struct cert *c)
{
	bool is_hash = r->function == FUNCTION_TVS || r->function == FUNCTION_CAPF;

	if (is_hash) {
		r->cert_hash = cert_sha1(c);
		r->hash_algorithm = ENVELOPE_SHA1;
	} else
		r->certificate = cert_der(c);
	r->order_count = is_hash ? sizeof hash_style : sizeof full_style;
	memcpy(r->order, is_hash ? hash_style : full_style, r->order_count);
}

void
trustlist_build_record(
    enum function function, const struct cert *c, const char *host, struct trustlist_record *out)
{
	if (host == NULL)
		host = no_host;
	*out = (struct trustlist_record){
		.function = (uint16_t)function,
		.dns_name = span_of(host, strlen(host) + 1),
		.subject = span_str(cert_subject_cucm(c)),
		.issuer = span_str(cert_issuer_cucm(c)),
		.serial = cert_serial(c),
		.public_key = cert_public_key(c),
		.signature = cert_signature(c),
	};
	record_style(out, c);
}

static void
record_add(struct trustlist *list, enum function function, const struct cert *c, const char *host)
{
	assert(list->count < RECORDS_MAX);
	trustlist_build_record(function, c, host, &list->records[list->count++]);
}

/* CallManager has an EC certificate since 11.0 (files.md 1.2, tag 28). */
static bool
has_ec_tftp(const struct trustlist_plan *p)
{
	return p->generation != GENERATION_G8 && p->tftp && !p->empty && p->callmanager_ec != NULL;
}

/* What is announced comes last: where two certificates have one function, phones look for the one
 * that is shown (files.md 1.6). */
static void
next_add(const struct trustlist_plan *p, struct trustlist *list)
{
	if (p->next_itlrecovery != NULL && p->generation != GENERATION_G8)
		record_add(list, FUNCTION_SAST, p->next_itlrecovery, NULL);
	if (p->next_callmanager != NULL)
		record_add(list, FUNCTION_SAST, p->next_callmanager, NULL);
	if (p->next_callmanager != NULL && p->tftp && !p->empty)
		record_add(list, FUNCTION_TFTP, p->next_callmanager, NULL);
	if (p->next_tvs != NULL && p->tvs_count > 0 && !p->empty)
		record_add(list, FUNCTION_TVS, p->next_tvs, NULL);
	if (p->next_capf != NULL && p->capf != NULL)
		record_add(list, FUNCTION_CAPF, p->next_capf, NULL);
}

/* A TFTP record is TFTP and not CCM+TFTP: what signs our files is no call manager that a phone
 * registers with. A real cluster of 11.x writes the same (tests/vectors, cucm-02). */
static void
records_add(const struct trustlist_plan *p, struct trustlist *list)
{
	if (p->generation != GENERATION_G8)
		record_add(list, FUNCTION_SAST, p->itlrecovery, NULL);
	record_add(list, FUNCTION_SAST, p->callmanager, NULL);
	if (p->tftp && !p->empty)
		record_add(list, FUNCTION_TFTP, p->callmanager, NULL);
	if (has_ec_tftp(p))
		record_add(list, FUNCTION_TFTP, p->callmanager_ec, p->ec_host);
	for (size_t i = 0; i < p->tvs_count && !p->empty; i++)
		record_add(list, FUNCTION_TVS, p->tvs[i], NULL);
	if (p->capf != NULL)
		record_add(list, FUNCTION_CAPF, p->capf, NULL);
	next_add(p, list);
}

bool
trustlist_build_header(const struct signedfile_head *head, struct envelope *out, struct err *e)
{
	return signedfile_envelope(head, VERSION_MAJOR, VERSION_MINOR, out, e);
}

static bool
header_make(
    const struct trustlist_plan *p, const struct cert *signer, struct envelope *out, struct err *e)
{
	const struct signedfile_head head = {
		.signer = signer,
		.names = SIGNEDFILE_CUCM,
		.filename = list_filename,
		.digest = p->digest,
		.timestamp = p->timestamp,
	};

	return trustlist_build_header(&head, out, e);
}

void
trustlist_build_mark_ec(struct envelope *env)
{
	env->has_signer_version = true;
	env->signer_major = SIGNER_MAJOR;
	env->signer_minor = SIGNER_MINOR;
}

bool
trustlist_build_encode(const struct trustlist *list, struct bytes *out, struct err *e)
{
	struct bytes file;

	if (!trustlist_encode(list, &file, e))
		return false;
	if (file.n <= TRUSTLIST_PHONE_MAX) {
		*out = file;
		return true;
	}
	err_set(e, ERR_LIMIT, "%zu bytes in %zu records; phones load at most %d bytes", file.n,
	    list->count, TRUSTLIST_PHONE_MAX);
	bytes_free(&file);
	return false;
}

bool
trustlist_build(const struct trustlist_plan *p, struct bytes *out, struct err *e)
{
	struct trustlist_record records[RECORDS_MAX];
	struct trustlist list = { .records = records };

	assert(p->tvs_count <= TRUSTLIST_BUILD_NODES_MAX);
	assert(p->callmanager_ec == NULL || p->ec_host != NULL);
	if (!header_make(p, trustlist_plan_signer(p), &list.env, e))
		return err_in(e, "trust list");
	if (has_ec_tftp(p))
		trustlist_build_mark_ec(&list.env);
	records_add(p, &list);
	return trustlist_build_encode(&list, out, e) || err_in(e, "trust list");
}

/* Who can sign lists, in the order in which a bridge names them; a certificate may come twice, or
 * be NULL. */
static void
bridge_signers(const struct trustlist_plan *p, const struct trustlist_bridge *b,
    const struct cert *out[TRUSTLIST_BRIDGE_SIGNERS_MAX + 1])
{
	const bool has_recovery = p->generation != GENERATION_G8;

	out[0] = b->signer;
	out[1] = trustlist_plan_signer(p);
	out[2] = has_recovery ? p->itlrecovery : NULL; /* one of these two is the current signer */
	out[3] = p->callmanager;
	out[4] = has_recovery ? p->next_itlrecovery : NULL;
	out[5] = p->next_callmanager;
}

static bool
is_named(const struct trustlist *list, const struct cert *c)
{
	for (size_t i = 0; i < list->count; i++)
		if (span_eq(list->records[i].certificate, cert_der(c)))
			return true;
	return false;
}

/* Without more than those two, one whose signer is the current one names it alone. */
static void
bridge_sasts_add(
    const struct trustlist_plan *p, const struct trustlist_bridge *b, struct trustlist *list)
{
	const struct cert *signer[TRUSTLIST_BRIDGE_SIGNERS_MAX + 1];
	size_t count = b->signers > TRUSTLIST_BRIDGE_SIGNERS ? TRUSTLIST_BRIDGE_SIGNERS_MAX + 1
							     : TRUSTLIST_BRIDGE_SIGNERS,
	       most = count == TRUSTLIST_BRIDGE_SIGNERS ? count : b->signers;

	bridge_signers(p, b, signer);
	for (size_t i = 0; i < count && list->count < most; i++)
		if (signer[i] != NULL && !is_named(list, signer[i]))
			record_add(list, FUNCTION_SAST, signer[i], NULL);
}

bool
trustlist_build_bridge(const struct trustlist_plan *p, const struct trustlist_bridge *b,
    struct bytes *out, struct err *e)
{
	struct trustlist_record records[RECORDS_MAX];
	struct trustlist list = { .records = records };

	if (!header_make(p, b->signer, &list.env, e))
		return err_in(e, "bridge");
	bridge_sasts_add(p, b, &list);
	if (b->tftp != NULL && !p->empty)
		record_add(&list, FUNCTION_TFTP, b->tftp, NULL);
	if (!p->empty)
		record_add(&list, FUNCTION_TFTP, p->callmanager, NULL);
	for (size_t i = 0; i < p->tvs_count && !p->empty; i++)
		record_add(&list, FUNCTION_TVS, p->tvs[i], NULL);
	if (p->capf != NULL)
		record_add(&list, FUNCTION_CAPF, p->capf, NULL);
	return trustlist_build_encode(&list, out, e) || err_in(e, "trust list");
}

/* The list with what does not matter made equal. */
static bool
list_bare(struct span file, struct bytes *out)
{
	static const uint8_t room[KEY_RSA_BITS_MAX / 8];
	struct trustlist list;
	bool ok;

	if (!trustlist_parse(file, &list, NULL))
		return false;
	list.env.timestamp = 0;
	list.env.signature = span_of(room, list.env.signature.n);
	ok = list.env.signature.n <= sizeof room && trustlist_encode(&list, out, NULL);
	trustlist_free(&list);
	return ok;
}

bool
trustlist_same(struct span a, struct span b)
{
	struct bytes bare_a = { 0 }, bare_b = { 0 };
	bool same = list_bare(a, &bare_a) && list_bare(b, &bare_b) &&
		    span_eq(bytes_span(&bare_a), bytes_span(&bare_b));

	bytes_free(&bare_a);
	bytes_free(&bare_b);
	return same;
}

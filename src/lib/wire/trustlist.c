#include "wire/trustlist.h"

#include "base/mem.h"
#include "wire/tlv.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define LENGTH_ELEMENT 5 /* tag 1 of a record, whole */
#define LENGTH_AT      3 /* its value */

#define AT(member) offsetof(struct trustlist_record, member)

/* files.md 1.4; the names are those of 'show itl'. */
static const struct tlv_element elements[] = {
	[TRUSTLIST_RECORD_LENGTH] = { "RECORDLENGTH", TLV_U16, 0, AT(length), 0 },
	[TRUSTLIST_DNS_NAME] = { "DNSNAME", TLV_HOST, 0, AT(dns_name), ENVELOPE_NAME_MAX },
	[TRUSTLIST_SUBJECT] = { "SUBJECTNAME", TLV_TEXT, 0, AT(subject), ENVELOPE_NAME_MAX },
	[TRUSTLIST_FUNCTION] = { "FUNCTION", TLV_U16, 0, AT(function), 0 },
	[TRUSTLIST_ISSUER] = { "ISSUERNAME", TLV_TEXT, 0, AT(issuer), ENVELOPE_NAME_MAX },
	[TRUSTLIST_SERIAL] = { "SERIALNUMBER", TLV_SERIAL, 0, AT(serial), 0 },
	[TRUSTLIST_PUBLIC_KEY] = { "PUBLICKEY", TLV_BYTES, 0, AT(public_key), 0 },
	[TRUSTLIST_SIGNATURE] = { "SIGNATURE", TLV_BYTES, 0, AT(signature), 0 },
	[TRUSTLIST_CERTIFICATE] = { "CERTIFICATE", TLV_BYTES, 0, AT(certificate), 0 },
	[TRUSTLIST_IP_ADDRESS] = { "IPADDRESS", TLV_BYTES, 0, AT(ip_address), 4 },
	[TRUSTLIST_CERT_HASH] = { "CERTHASH", TLV_BYTES, 0, AT(cert_hash), 0 },
	[TRUSTLIST_HASH_ALGORITHM] = { "HASH ALGORITHM", TLV_U8, 0, AT(hash_algorithm), 0 },
};

_Static_assert(sizeof elements / sizeof *elements == TRUSTLIST_FIELDS_MAX + 1, "order has room");

static const struct tlv_format record_format = { elements, sizeof elements / sizeof *elements,
	"T11" };

static const struct {
	uint16_t function;
	const char *name;
} functions[] = {
	{ FUNCTION_SAST, "SAST" },
	{ FUNCTION_CCM, "CCM" },
	{ FUNCTION_CCM_TFTP, "CCM+TFTP" },
	{ FUNCTION_TFTP, "TFTP" },
	{ FUNCTION_CAPF, "CAPF" },
	{ FUNCTION_APP_SERVER, "APP-SERVER" },
	{ FUNCTION_TVS, "TVS" },
};

/* T11: the first element, which bounds the others. r stays where it is. */
static bool
length_check(const struct tlv_walk *w, struct rd r, uint16_t *length, struct err *e)
{
	const uint8_t t = TRUSTLIST_RECORD_LENGTH;
	size_t at = rd_offset(&r), left = r.n;
	uint8_t tag;
	uint16_t n;

	if (!rd_u8(&r, &tag) || tag != t || !rd_u16(&r, &n) || n != 2 || !rd_u16(&r, length))
		return tlv_fail(w, at, t, e, "T11", "the record does not begin with 01 00 02");
	if (*length <= LENGTH_ELEMENT || *length > left)
		return tlv_fail(
		    w, at, t, e, "T11", "%u bytes long where %zu are left", *length, left);
	return true;
}

/* T15. */
static bool
hash_check(const struct tlv_walk *w, const struct trustlist_record *r, struct err *e)
{
	const uint8_t hash = TRUSTLIST_CERT_HASH, algorithm = TRUSTLIST_HASH_ALGORITHM;

	if (!w->seen[hash] && !w->seen[algorithm])
		return true;
	if (!w->seen[hash])
		return tlv_fail(w, w->at[algorithm], algorithm, e, "T15", "stands without 11");
	if (!w->seen[algorithm])
		return tlv_fail(w, w->at[hash], hash, e, "T15", "stands without 12");
	if (envelope_digest_size(r->hash_algorithm) == 0)
		return tlv_fail(w, w->at[algorithm], algorithm, e, "T15",
		    "algorithm %u, not 1 or 3", r->hash_algorithm);
	if (r->cert_hash.n != envelope_digest_size(r->hash_algorithm))
		return tlv_fail(w, w->at[hash], hash, e, "T15",
		    "%zu bytes, where algorithm %u means %zu", r->cert_hash.n, r->hash_algorithm,
		    envelope_digest_size(r->hash_algorithm));
	return true;
}

static bool
record_parse(struct rd *list, size_t number, struct trustlist_record *out, struct err *e)
{
	struct tlv_walk w = { .format = &record_format, .into = out, .order = out->order };
	struct rd record;
	uint16_t length;

	snprintf(w.what, sizeof w.what, "record %zu", number);
	out->offset = rd_offset(list);
	if (!length_check(&w, *list, &length, e))
		return false;
	if (!rd_take(list, length, &record))
		return err_set(e, ERR_BUG, "a record longer than its list");
	while (!rd_end(&record))
		if (!tlv_read(&w, &record, e))
			return false;
	out->order_count = w.order_count;
	if (!w.seen[TRUSTLIST_FUNCTION])
		return tlv_fail(&w, out->offset, TRUSTLIST_FUNCTION, e, "T12", "missing");
	return hash_check(&w, out, e);
}

/* The next record, at the end of an array that doubles. */
static bool
record_append(struct trustlist *list, struct rd *r, struct err *e)
{
	struct trustlist_record record = { 0 };
	bool is_full = (list->count & (list->count - 1)) == 0;

	if (list->count == TRUSTLIST_RECORDS_MAX)
		return err_set(e, ERR_LIMIT, "offset %zu: record %zu: at most %d are taken",
		    rd_offset(r), list->count + 1, TRUSTLIST_RECORDS_MAX);
	if (!record_parse(r, list->count + 1, &record, e))
		return false;
	if (is_full)
		list->records = mem_grow(
		    list->records, list->count > 0 ? 2 * list->count : 1, sizeof *list->records);
	list->records[list->count++] = record;
	return true;
}

bool
trustlist_parse(struct span file, struct trustlist *out, struct err *e)
{
	struct trustlist list = { 0 };
	struct rd records;
	uint8_t major, minor;

	if (file.n > TRUSTLIST_FILE_MAX)
		return err_set(e, ERR_LIMIT, "offset %d: trust list: %zu bytes, at most %d",
		    TRUSTLIST_FILE_MAX, file.n, TRUSTLIST_FILE_MAX);
	if (!envelope_version(file, &major, &minor, e))
		return false;
	if (major != 1)
		return err_set(e, ERR_MALFORMED,
		    "offset 0: header element 1 Version: %u.%u, a trust list has 1.0 to 1.2 (T1)",
		    major, minor);
	if (!envelope_parse(file, &list.env, &records, e))
		return false;
	while (!rd_end(&records)) {
		if (record_append(&list, &records, e))
			continue;
		trustlist_free(&list);
		return false;
	}
	*out = list;
	return true;
}

static bool
record_encode(const struct trustlist_record *r, size_t number, struct wr *out, struct err *e)
{
	char what[24];
	size_t start = out->n, length;

	assert(r->order_count > 0 && r->order[0] == TRUSTLIST_RECORD_LENGTH);
	snprintf(what, sizeof what, "record %zu", number);
	if (!tlv_write(&record_format, what, span_of(r->order, r->order_count), r, out, e))
		return false;
	length = out->n - start;
	if (length > UINT16_MAX)
		return err_set(e, ERR_LIMIT, "%s: %zu bytes, at most %d", what, length, UINT16_MAX);
	wr_patch16(out, start + LENGTH_AT, (uint16_t)length);
	return true;
}

bool
trustlist_encode(const struct trustlist *list, struct bytes *out, struct err *e)
{
	struct wr w = wr_new(TRUSTLIST_FILE_MAX);
	bool ok = envelope_encode(&list->env, &w, e);

	if (ok && list->count > TRUSTLIST_RECORDS_MAX)
		ok = err_set(
		    e, ERR_LIMIT, "%zu records, at most %d", list->count, TRUSTLIST_RECORDS_MAX);
	for (size_t i = 0; ok && i < list->count; i++)
		ok = record_encode(&list->records[i], i + 1, &w, e);
	if (ok)
		return wr_done(&w, out, e);
	wr_free(&w);
	return false;
}

void
trustlist_free(struct trustlist *list)
{
	free(list->records);
	*list = (struct trustlist){ 0 };
}

bool
trustlist_has(const struct trustlist_record *r, enum trustlist_tag tag)
{
	return memchr(r->order, (int)tag, r->order_count) != NULL;
}

const char *
function_name(uint16_t function)
{
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
		if (functions[i].function == function)
			return functions[i].name;
	return NULL;
}

bool
function_from_name(const char *name, uint16_t *out)
{
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
		if (strcmp(functions[i].name, name) != 0)
			continue;
		*out = functions[i].function;
		return true;
	}
	return false;
}

bool
trustlist_is_ctl(const struct trustlist *list)
{
	return list->env.filename.n >= 3 && memcmp(list->env.filename.p, "CTL", 3) == 0;
}

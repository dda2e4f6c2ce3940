/* The first byte says what is wished for, the rest is the configuration. */
#include "rules/phonecfg_moulds.h"

#include <assert.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
lookup(void *arg, const char *key, char value[PHONECFG_VALUE_MAX])
{
	const bool *plain = arg;

	snprintf(value, PHONECFG_VALUE_MAX, *plain ? "%s\xc3\xb6" : "<%s]]>&\xc3\xb6", key);
	return key[0] != 'n';
}

static struct phonecfg_wish
wish_of(uint8_t bits)
{
	static const uint8_t sha1[20];

	return (struct phonecfg_wish){ .lookup = bits & 1 ? lookup : NULL,
		.is_default = bits & 2,
		.rollback = bits & 4,
		.capf = { { "a", 1 }, { "b", 0 } },
		.capf_count = bits >> 3 & 1 ? 2 : 0,
		.capf_auth = PHONECFG_CAPF_MIC,
		.tvs = { { "a", 1 }, { "b", 0 } },
		.tvs_count = bits >> 4 & 1 ? 2 : 0,
		.manager = { { "a", 1 }, { "b", 0 } },
		.manager_count = bits >> 5 & 1 ? 2 : 0,
		.mode = PHONECFG_ENCRYPTED,
		.transport = bits >> 6 & 1 ? 3 : 0,
		.cert_hash = "00ff",
		.vpn_sha1 = { { sha1, sizeof sha1 } },
		.vpn_count = bits >> 7,
		.secure_url = { bits >> 6 & 1 ? "https://a:1/?&" : NULL } };
}

/* What moulds give is what is built, before and after one has been made. */
static void
check_moulds(struct span xml, const struct phonecfg_wish *w, struct span built)
{
	struct phonecfg_moulds *all = phonecfg_moulds_new(1024 * 1024);
	char stamp[PHONECFG_STAMP_MAX];
	struct bytes out;

	for (unsigned i = 0; i < 3; i++) {
		assert(phonecfg_moulds_build(all, xml, w, &out, stamp, NULL));
		assert(span_eq(bytes_span(&out), built));
		bytes_free(&out);
	}
	phonecfg_moulds_free(all);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct phonecfg_wish w;
	struct bytes once, twice, stub;
	bool plain;
	struct err e = { 0 };
	char version[64];

	if (size == 0)
		return 0;
	w = wish_of(data[0]);
	plain = data[size - 1] & 1;
	w.arg = &plain;
	if (!phonecfg_build(span_of(data + 1, size - 1), &w, &once, NULL, &e)) {
		assert(e.code != ERR_NONE && e.text[0] != '\0');
		return 0;
	}
	assert(once.n <= PHONECFG_MAX);
	check_moulds(span_of(data + 1, size - 1), &w, bytes_span(&once));
	w.lookup = NULL;
	if (!phonecfg_build(bytes_span(&once), &w, &twice, NULL, &e)) {
		/* Only because the encoding or the size of what came in was another. */
		assert(e.code == ERR_LIMIT);
		bytes_free(&once);
		return 0;
	}
	assert(span_eq(bytes_span(&once), bytes_span(&twice)));
	assert(phonecfg_version(bytes_span(&once), version, sizeof version, &e));
	assert(w.is_default || strlen(version) == 36);
	if (!w.is_default) {
		assert(phonecfg_stub(bytes_span(&once), "", &stub, &e));
		bytes_free(&stub);
	}
	bytes_free(&once);
	bytes_free(&twice);
	return 0;
}

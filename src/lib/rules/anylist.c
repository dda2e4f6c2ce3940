#include "rules/anylist.h"

#include "base/mem.h"
#include "rules/ctl_build.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 16

bool
anylist_function(const char *word, enum function *out)
{
	char upper[WORD_MAX];
	size_t n = strlen(word);
	uint16_t number;

	if (n >= sizeof upper)
		return false;
	for (size_t i = 0; i <= n; i++)
		upper[i] = (char)toupper((unsigned char)word[i]);
	if (!function_from_name(upper, &number))
		return false;
	*out = (enum function)number;
	return true;
}

static bool
names_signer(const struct cert *signer, const struct anylist_record *record, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (record[i].function == FUNCTION_SAST &&
		    span_eq(cert_der(record[i].cert), cert_der(signer)))
			return true;
	return false;
}

static void
add(struct trustlist *list, bool is_ctl, enum function function, const struct cert *c)
{
	struct trustlist_record *r = &list->records[list->count++];

	if (is_ctl)
		ctl_build_record(function, NULL, c, r);
	else
		trustlist_build_record(function, c, NULL, r);
	if (!is_ctl && function == FUNCTION_TFTP && !cert_is_rsa(c))
		trustlist_build_mark_ec(&list->env);
}

bool
anylist_build(bool is_ctl, const struct signedfile_head *head, const struct anylist_record *record,
    size_t count, struct bytes *out, struct err *e)
{
	struct signedfile_head named = *head;
	struct trustlist list = { 0 };
	bool ok;

	named.filename = is_ctl ? "CTLFile.tlv" : "ITLFile.tlv";
	if (!trustlist_build_header(&named, &list.env, e))
		return err_in(e, "trust list");
	list.records = mem_new(count + 1, sizeof *list.records);
	if (!names_signer(head->signer, record, count))
		add(&list, is_ctl, FUNCTION_SAST, head->signer);
	for (size_t i = 0; i < count; i++)
		add(&list, is_ctl, record[i].function, record[i].cert);
	ok = trustlist_build_encode(&list, out, e) || err_in(e, "trust list");
	free(list.records);
	return ok;
}

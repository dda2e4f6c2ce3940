#include "admin/answer.h"
#include "admin/listing.h"

#include <string.h>

/* Unified CM's names of the columns, and what else is asked of a report. */
static const struct output_column report_columns[] = {
	{ "Device Name", "name" },
	{ "Description", "description" },
	{ "Device Pool", "device_pool" },
	{ "Security Profile", "security_profile" },
	{ "LSC Status", "lsc_status" },
	{ "Authentication Mode", "auth_mode" },
	{ "Authentication String", "auth_string" },
	{ "LSC Expires", "lsc_expires" },
	{ "LSC Issued By", "lsc_issued_by" },
	{ "LSC Issuer Expires By", "lsc_issuer_expires" },
	{ "Operation", "operation" },
	{ "Operation Status", "operation_status" },
	{ "Model", "model" },
	{ "Last Seen", "last_seen" },
	{ 0 },
};

/* For people: what fits a line. */
static const struct output_column table_columns[] = {
	{ "NAME", "name" },
	{ "PROFILE", "security_profile" },
	{ "LSC", "lsc_status" },
	{ "AUTH MODE", "auth_mode" },
	{ "LSC EXPIRES", "lsc_expires" },
	{ "LSC ISSUED BY", "lsc_issued_by" },
	{ "ISSUER EXPIRES", "lsc_issuer_expires" },
	{ "OPERATION STATUS", "operation_status" },
	{ 0 },
};

bool
run_capf_report(struct invocation *in, struct err *e)
{
	bool csv = invocation_option(in, "csv") != NULL;
	json_t *args;

	if (csv && in->json)
		return invocation_usage(in, e, "--csv or --json, not both");
	args = listing_args(in, e);
	if (args == NULL)
		return false;
	if (invocation_option(in, "auth-strings") != NULL)
		json_object_set_new(args, "auth_strings", json_true());
	return listing_print(in, "capf/report", args, csv ? report_columns : table_columns, e);
}

bool
run_capf_issuers(struct invocation *in, struct err *e)
{
	static const struct output_column columns[] = {
		{ "ISSUER", "subject" },
		{ "EXPIRES", "expires" },
		{ "LIVE LSCS", "live_lscs" },
		{ "LAST ENDS", "last_ends" },
		{ "SHA256", "sha256" },
		{ 0 },
	};

	return answer_table(in, "capf/issuers", json_object(), columns, e);
}

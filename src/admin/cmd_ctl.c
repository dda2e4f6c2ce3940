#include "admin/client.h"
#include "admin/output.h"

#include <stdio.h>
#include <string.h>

/* Unified CM's texts; what it says of restarts is not so here, where phones have to. */
static void
print_next(const json_t *result)
{
	printf("Version %s of the CTL is served. Please reset the phones: each takes it when it "
	       "starts (sealtone status counts those that are behind)\n",
	    output_text(json_object_get(json_object_get(result, "ctl"), "version")));
}

static void
print_mode(bool mixed, const json_t *result)
{
	const char *name = mixed ? "Mixed Mode" : "Non Secure Mode";

	if (json_is_true(json_object_get(result, "changed"))) {
		printf("Moving Cluster to %s\nCluster set to %s\n", name, name);
		print_next(result);
	} else
		printf("The cluster is in %s already\n", name);
}

bool
run_ctl_set_cluster(struct invocation *in, struct err *e)
{
	bool mixed = strcmp(in->word[0], "mixed-mode") == 0;
	json_t *result;

	if (!mixed && strcmp(in->word[0], "non-secure-mode") != 0)
		return invocation_usage(in, e,
		    "ctl set-cluster takes mixed-mode or non-secure-mode, not \"%s\"", in->word[0]);
	if (!client_call(
		in, "ctl/set-cluster", json_pack("{s:s}", "mode", in->word[0]), &result, e))
		return false;
	if (in->json)
		output_json(result);
	else
		print_mode(mixed, result);
	json_decref(result);
	return true;
}

bool
run_ctl_update(struct invocation *in, struct err *e)
{
	json_t *result;

	if (in->words == 1 && strcmp(in->word[0], "CTLFile") != 0)
		return invocation_usage(in, e, "ctl update takes CTLFile or nothing");
	if (!client_call(in, "ctl/update", json_object(), &result, e))
		return false;
	if (in->json)
		output_json(result);
	else if (json_is_true(json_object_get(result, "changed"))) {
		printf("Updating CTL file\nCTL file Updated\n");
		print_next(result);
	} else
		printf("The CTL file says what the cluster is now (version %s)\n",
		    output_text(json_object_get(json_object_get(result, "ctl"), "version")));
	json_decref(result);
	return true;
}

static bool
reset(struct invocation *in, const char *command, const char *said, struct err *e)
{
	json_t *result;

	if (!client_call(in, command, json_object(), &result, e))
		return false;
	if (in->json)
		output_json(result);
	else {
		puts(said);
		print_next(result);
	}
	json_decref(result);
	return true;
}

bool
run_ctl_reset_localkey(struct invocation *in, struct err *e)
{
	return reset(in, "ctl/reset",
	    "The CTL is signed by the other SAST key; when all phones have it: \"sealtone ctl "
	    "update\"",
	    e);
}

bool
run_ctl_reset_end(struct invocation *in, struct err *e)
{
	return reset(in, "ctl/reset-end", "The CTL is signed by its own signer again", e);
}

bool
run_ctl_delete(struct invocation *in, struct err *e)
{
	json_t *result;

	if (!client_call(in, "ctl/delete", json_object(), &result, e))
		return false;
	if (in->json)
		output_json(result);
	else
		printf(
		    "The CTL is served no more. Phones keep the one they hold until it is erased "
		    "there\n");
	json_decref(result);
	return true;
}

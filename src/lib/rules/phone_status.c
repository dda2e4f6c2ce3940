#include "rules/phone_status.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define NONE    "None"
#define PENDING "Operation Pending"

static const char *const success_texts[] = {
	[PHONE_OPERATION_NONE] = NONE,
	[PHONE_OPERATION_INSTALL] = "Upgrade Success",
	[PHONE_OPERATION_DELETE] = "Delete Success",
	[PHONE_OPERATION_TROUBLESHOOT] = "Troubleshoot Success",
};

/* capf-operation.md 3.4: which reasons an operation has. */
static const char *const failure_texts[][PHONE_FAILURES] = {
	[PHONE_OPERATION_INSTALL] = {
		[PHONE_FAIL_AUTH_STRING] = "Upgrade Failed: Invalid Authentication String",
		[PHONE_FAIL_COMMUNICATION] = "Upgrade Failed: Phone Communication Failure",
		[PHONE_FAIL_KEYGEN] = "Upgrade Failed: Key Generation Failed/Timeout",
		[PHONE_FAIL_LATE] = "Upgrade Failed: User Initiated Request Late/Timedout",
		[PHONE_FAIL_CA_REJECTED] = "Upgrade Failed: CA Rejected Connection",
		[PHONE_FAIL_LSC] = "Upgrade Failed: Invalid LSC",
		[PHONE_FAIL_MIC] = "Upgrade Failed: Invalid MIC",
		[PHONE_FAIL_CREDENTIALS] = "Upgrade Failed: Invalid Credentials",
		[PHONE_FAIL_CA_COMMUNICATION] = "Upgrade Failed: CA Communication Failure",
		[PHONE_FAIL_EC_ONLY] =
		    "Upgrade Failed: No Support for EC only in CAPF version 3",
		[PHONE_FAIL_PLAIN] = "Upgrade Failed",
	},
	[PHONE_OPERATION_DELETE] = {
		[PHONE_FAIL_AUTH_STRING] = "Delete Failed: Invalid Authentication String",
		[PHONE_FAIL_COMMUNICATION] = "Delete Failed: Phone Communication Failure",
		[PHONE_FAIL_KEYGEN] = "Delete Failed: Key Generation Failed/Timeout",
		[PHONE_FAIL_LATE] = "Delete Failed: User Initiated Request Late/Timedout",
		[PHONE_FAIL_CA_REJECTED] = "Delete Failed: CA Rejected Connection",
		[PHONE_FAIL_LSC] = "Delete Failed: Invalid LSC",
		[PHONE_FAIL_MIC] = "Delete Failed: Invalid MIC",
		[PHONE_FAIL_CREDENTIALS] = "Delete Failed: Invalid Credentials",
		[PHONE_FAIL_CA_COMMUNICATION] = "Delete Failed: CA Communication Failure",
		[PHONE_FAIL_PLAIN] = "Delete Failed",
	},
	[PHONE_OPERATION_TROUBLESHOOT] = {
		[PHONE_FAIL_AUTH_STRING] = "Troubleshoot Failed: Invalid Authentication String",
		[PHONE_FAIL_COMMUNICATION] = "Troubleshoot Failed: Phone Communication Failure",
		[PHONE_FAIL_KEYGEN] = "Troubleshoot Failed: Key Generation Failed/Timeout",
		[PHONE_FAIL_LATE] = "Troubleshoot Failed: User Initiated Request Late/Timedout",
		[PHONE_FAIL_LSC] = "Troubleshoot Failed: Invalid LSC",
		[PHONE_FAIL_MIC] = "Troubleshoot Failed: Invalid MIC",
		[PHONE_FAIL_CREDENTIALS] = "Troubleshoot Failed: Invalid Credentials",
		[PHONE_FAIL_PLAIN] = "Troubleshoot Failed",
	},
};

const char *
phone_status_success(enum phone_operation o)
{
	return (size_t)o < COUNT(success_texts) ? success_texts[o] : NONE;
}

bool
phone_status_is_success(const char *text)
{
	for (size_t o = PHONE_OPERATION_INSTALL; o < COUNT(success_texts); o++)
		if (strcmp(success_texts[o], text) == 0)
			return true;
	return false;
}

const char *
phone_status_failure(enum phone_operation o, enum phone_failure why)
{
	if (o == PHONE_OPERATION_NONE || (size_t)o >= COUNT(failure_texts))
		return NONE;
	if ((size_t)why >= PHONE_FAILURES || failure_texts[o][why] == NULL)
		return failure_texts[o][PHONE_FAIL_PLAIN];
	return failure_texts[o][why];
}

/* The failure number i, operation by operation. */
static const char *
failure_text(size_t i)
{
	for (size_t o = PHONE_OPERATION_INSTALL; o < COUNT(failure_texts); o++)
		for (size_t why = 0; why < PHONE_FAILURES; why++)
			if (failure_texts[o][why] != NULL && i-- == 0)
				return failure_texts[o][why];
	return "";
}

const char *
phone_status_text(size_t i)
{
	if (i < COUNT(success_texts))
		return success_texts[i];
	if (i == COUNT(success_texts))
		return PENDING;
	return failure_text(i - COUNT(success_texts) - 1);
}

bool
phone_status_is_known(const char *text)
{
	for (size_t i = 0; i < PHONE_STATUS_COUNT; i++)
		if (strcmp(phone_status_text(i), text) == 0)
			return true;
	return false;
}

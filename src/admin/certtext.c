#include "admin/certtext.h"

#include "admin/output.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LABEL_WIDTH 22

static void
line(const char *label, const char *text)
{
	printf("  %s:%*s", label, LABEL_WIDTH - (int)strlen(label), "");
	output_clean(stdout, text);
	putchar('\n');
}

static void
member(const char *label, const json_t *cert, const char *key)
{
	line(label, output_text(json_object_get(cert, key)));
}

/* Each line of a value below its title. */
static void
print_value(const char *value)
{
	char one[1024];

	while (*value != '\0') {
		size_t n = strcspn(value, "\n");

		snprintf(one, sizeof one, "%.*s", (int)n, value);
		printf("      ");
		output_clean(stdout, one);
		putchar('\n');
		value += n + (value[n] == '\n');
	}
}

static void
print_extensions(const json_t *all)
{
	size_t i;
	json_t *one;

	printf("  Extensions: %zu present\n", json_array_size(all));
	json_array_foreach((json_t *)(uintptr_t)all, i, one)
	{
		printf("    ");
		output_clean(stdout, output_text(json_object_get(one, "name")));
		puts(json_is_true(json_object_get(one, "critical")) ? ": critical" : ":");
		print_value(output_text(json_object_get(one, "value")));
	}
}

void
certtext_print(const json_t *cert)
{
	const char *store = json_string_value(json_object_get(cert, "store"));

	line("Certificate", store != NULL ? store : output_text(json_object_get(cert, "purpose")));
	member("Type", cert, "type");
	member("Description", cert, "description");
	puts("Certificate File Data");
	member("Version", cert, "version");
	member("Serial Number", cert, "serial");
	member("Signature Algorithm", cert, "signature_algorithm");
	member("Issuer Name", cert, "issuer");
	member("Validity From", cert, "not_before");
	member("Validity To", cert, "not_after");
	member("Subject Name", cert, "subject");
	member("Key", cert, "key");
	member("SHA-1", cert, "sha1");
	member("SHA-256", cert, "sha256");
	print_extensions(json_object_get(cert, "extensions"));
}

#include "cluster/cluster_internal.h"

#include "files/wholefile.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#define MODELS_NAME     "models.csv"
#define MODELS_FILE_MAX (1024 * 1024)

bool
cluster_models_read(const struct conf *conf, struct modeltable **out, struct err *e)
{
	char path[CONF_PATH_MAX + sizeof MODELS_NAME];
	struct bytes text;
	struct stat st;
	bool ok;

	*out = NULL;
	snprintf(path, sizeof path, "%s/%s", conf->dir, MODELS_NAME);
	if (stat(path, &st) != 0 && errno == ENOENT) {
		*out = modeltable_builtin();
		return true;
	}
	if (!wholefile_read(path, MODELS_FILE_MAX, &text, e))
		return false;
	*out = modeltable_builtin();
	ok = modeltable_read(*out, bytes_span(&text), e);
	bytes_free(&text);
	if (ok)
		return true;
	modeltable_free(*out);
	*out = NULL;
	return err_in(e, "%s", path);
}

const struct modeltable *
cluster_models(const struct cluster *c)
{
	return c->models;
}

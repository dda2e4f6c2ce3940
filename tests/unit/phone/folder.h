/*
 * folder: a folder of its own for each test.
 */
#ifndef TESTS_PHONE_FOLDER_H
#define TESTS_PHONE_FOLDER_H

#define FOLDER_MAX 64

/* Makes one below TMPDIR or /tmp; its path goes to out, FOLDER_MAX characters. */
void folder_make(char *out);

/* Removes it and what is in it. */
void folder_remove(const char *path);

#endif

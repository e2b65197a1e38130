/* Texts that were compiled into a program: paths and names that it uses unless told otherwise. */
#ifndef AGENT_HOST_BINARY_H
#define AGENT_HOST_BINARY_H

enum binary_answer {
	BINARY_HOLDS,
	BINARY_LACKS,
	BINARY_UNREAD, /* it is not there, is no compiled program, or cannot be read */
};

/* Whether @text is one of the C strings in the program at @path; a part of one does not count. */
enum binary_answer binary_holds(const char *root, const char *path, const char *text);

#endif

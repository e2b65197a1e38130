/* embed TABLE FILE...: print C that holds the files as the table TABLE_resources
 * (common/resource.h). Runs while building; names are the files' base names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long
print_bytes(const char *path, int number)
{
	FILE *in = fopen(path, "re");
	long len = 0;
	int byte;

	if (!in) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	printf("static const char bytes_%d[] = {", number);
	while ((byte = getc(in)) != EOF) {
		printf("%s%d,", len++ % 24 ? "" : "\n\t", byte < 128 ? byte : byte - 256);
	}
	fclose(in);
	printf("\n\t0\n};\n");
	return len;
}

int
main(int argc, char **argv)
{
	long *lens = calloc((size_t)argc, sizeof(*lens));

	if (argc < 2 || !lens) {
		return EXIT_FAILURE;
	}
	printf("#include \"common/resource.h\"\n");
	for (int i = 2; i < argc; i++) {
		lens[i] = print_bytes(argv[i], i);
	}
	printf("const struct resource %s_resources[] = {\n", argv[1]);
	for (int i = 2; i < argc; i++) {
		const char *slash = strrchr(argv[i], '/');

		printf("\t{ \"%s\", bytes_%d, %ld },\n", slash ? slash + 1 : argv[i], i, lens[i]);
	}
	printf("\t{ 0 },\n};\nconst size_t %s_resource_count = %d;\n", argv[1], argc - 2);
	free(lens);
	return EXIT_SUCCESS;
}

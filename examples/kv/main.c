/*
 * Encode a request, decode it again as its receiver would, and show what happens to a damaged one.
 */
#include <stdio.h>

#include "kv.lwl.h"

static void print_message(const uint8_t *msg, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		printf("%02x%s", msg[i], i % 8 == 7 ? "\n" : " ");
}

int main(void)
{
	struct kv_store_set_req req = {
		.key = lwl_string_of("colour"),
		.value = lwl_bytes_of("green", 5),
		.has_durability = true,
		.durability = KV_DURABILITY_MEMORY,
	};
	uint8_t buf[KV_STORE_SET_REQ_MAX];
	struct kv_store_set_req got;
	struct lwl_writer w;
	struct lwl_error err;
	char text[200];
	int status;

	lwl_writer_init(&w, buf, sizeof buf, 7, 1);	/* to linkid 7, as message 1 */
	status = kv_store_set_req_encode(&w, &req);
	if (status != 0) {
		fprintf(stderr, "encode: %s\n", lwl_strerror(status));
		return 1;
	}
	print_message(buf, lwl_writer_size(&w));

	status = kv_store_set_req_decode(&got, buf, lwl_writer_size(&w), &err);
	if (status != 0) {
		fprintf(stderr, "decode: %s\n", lwl_strerror(status));
		return 1;
	}
	printf("set %.*s to %u bytes, %s\n", (int)got.key.len, got.key.data, (unsigned)got.value.len,
	       kv_durability_name(got.durability));

	buf[20] = 0xff;			/* the first byte of the key */
	status = kv_store_set_req_decode(&got, buf, lwl_writer_size(&w), &err);
	lwl_error_format(text, sizeof text, &err);
	printf("damaged: %s: %s\n", lwl_strerror(status), text);
	return status == -LWL_EMALFORMED ? 0 : 1;
}

/*
 * ICU without its 31 MB of data: an empty table of contents, as ICU's own "stubdata" is (its User Guide, "ICU
 * Data": an application may link that instead). libvirt's XML parser links ICU for encodings other than
 * Unicode, ASCII and Latin-1; an XML document in one of those is refused, which is right here.
 *
 * The layout is that of a data header (udatamem: header, info, contents) in format "ToCP".
 */
#include <stdint.h>

struct contents {
  uint16_t header_bytes;
  uint8_t magic[2];
  struct {
    uint16_t bytes, reserved;
    uint8_t big_endian, charset_family, unichar_bytes, reserved_byte;
    uint8_t format[4], format_version[4], data_version[4];
  } info;
  uint8_t padding[8];
  uint32_t entries, reserved;
  int32_t none[4];
};

const struct contents ICUDATA __attribute__((aligned(16))) = {
    .header_bytes = 32,
    .magic = {0xda, 0x27},
    .info = {.bytes = 20, .unichar_bytes = 2, .format = {'T', 'o', 'C', 'P'}, .format_version = {1}},
};

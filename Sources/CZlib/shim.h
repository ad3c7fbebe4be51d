#ifndef NABLA_CZLIB_SHIM_H
#define NABLA_CZLIB_SHIM_H
#include <zlib.h>
#endif

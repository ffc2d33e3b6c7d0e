// pthread_setname_np is a GNU extension, which Swift's importer does not see.
#define _GNU_SOURCE
#include "CThread.h"
#include <pthread.h>
#include <string.h>

void cthread_set_name(const char *name) {
    char cut[16];
    strncpy(cut, name, sizeof cut - 1);
    cut[sizeof cut - 1] = 0;
    pthread_setname_np(pthread_self(), cut);
}

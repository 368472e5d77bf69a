struct worker;
struct err;
struct worker_config;
int worker_start(const struct worker_config *c, struct worker **ret, struct err *err);
void worker_stop(struct worker *w);
int worker_start(const struct worker_config *c, struct worker **ret, struct err *err)
{
    return 0;
}
void worker_stop(struct worker *w)
{
}

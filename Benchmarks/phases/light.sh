# shellcheck shell=bash
# Light load: one caller, one request after the other, and one about every 50 ms. From the first byte sent to the last
# byte of the decision: accepted, rung, claimed, decided, stored and answered.

phase_light() {
    local key line
    key=$WORLD/secrets/key
    sleep 2 # the worker has registered, the first statements are prepared by the warm-up below
    while read -r line; do
        printf '%s\n' "$line" >>"$RESULTS"
        note "$line"
    done < <(python3 "$HERE/phases/light.py" "$ML_SERVER_PORT" "$key" "$REQUESTS")
    grep -q light_decision_paced "$RESULTS" || die "the latency client failed: its reason is above"
}

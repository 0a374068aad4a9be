// One key light, the sky of a lit room from above, the floor's reflection from below.
uniform vec3 light;           // unit vector towards the key light
uniform float light_strength; // key against fill
uniform float rim_strength;   // light from behind against key
uniform vec3 floor_linear;

// Gamma 2 for sRGB's 2.2: a square root, where a power would cost a tenth of the frame.
vec3 to_linear(vec3 srgb) { return srgb * srgb; }
vec3 to_srgb(vec3 linear) { return sqrt(clamp(linear, 0.0, 1.0)); }

vec3 fill(vec3 normal) {
    vec3 from_below = 0.25 + 0.45 * floor_linear;
    return mix(from_below, vec3(1.0), 0.5 + 0.5 * normal.z) * (1.15 - 0.8 * light_strength);
}

float key(vec3 normal) { return 1.3 * light_strength * max(dot(normal, light), 0.0); }

// From the other side of the room and from a little above: it catches the edges.
float rim(vec3 normal) {
    vec3 behind = normalize(vec3(-light.xy, 0.35));
    return 1.3 * rim_strength * pow(max(dot(normal, behind), 0.0), 2.0);
}

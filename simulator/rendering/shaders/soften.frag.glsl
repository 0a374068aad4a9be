// The floor's light: how much of the key light arrives, and how much of the fill light where
// something touches the floor.
uniform sampler2DShadow heights;
uniform vec4 footprint;
uniform float texel;        // of the target, as a share of it
uniform vec4 near_floor[6]; // spheres about feet and hands: centre, radius, metres
layout(location = 0) out vec4 light_on_floor;

void main() {
    vec2 at = gl_FragCoord.xy * texel;
    float lit = texture(heights, vec3(at, 0.9999));
    for (int i = 0; i < 4; i++) {
        vec2 corner = vec2(i & 1, i >> 1) - 0.5;
        lit += texture(heights, vec3(at + 2.8 * texel * corner, 0.9999));
    }
    vec2 floor_m = footprint.xy + (2.0 * at - 1.0) * footprint.zw;
    float open = 1.0;
    for (int i = 0; i < 6; i++) {
        // Share of the sky that a sphere hides from a point of the floor (Quilez, "sphere
        // ambient occlusion").
        vec3 to_sphere = vec3(near_floor[i].xy - floor_m, max(near_floor[i].z, 0.0));
        float d2 = max(dot(to_sphere, to_sphere), near_floor[i].w * near_floor[i].w);
        float hidden = near_floor[i].w * near_floor[i].w / d2 * to_sphere.z * inversesqrt(d2);
        // What is far is left out, so that the map's edge does not show.
        float touches = 1.0 - smoothstep(0.05, 0.25, to_sphere.z);
        open *= 1.0 - 0.8 * max(hidden - 0.01, 0.0) * touches;
    }
    light_on_floor = vec4(lit / 5.0, open, 0.0, 1.0);
}

// The empty room, drawn once a camera: for each pixel the ray through the lens, where it meets the
// box, and what is there. Lit, and how much of that is left in the key light's shadow.
uniform mat3 R_world_cam;
uniform vec3 camera_m;
uniform vec3 room_m;   // half width, half depth, height
uniform vec3 wall_linear;
uniform vec3 mat_linear;
uniform bool has_mat;
uniform vec4 mat;         // middle and half size, metres
uniform int floor_kind; // as in scene.FLOORS
uniform sampler2D surroundings;
uniform int shown;      // of surroundings: 0 nothing, 1 a photograph, 2 a panorama
uniform vec4 footprint; // middle and half size of the map of light on the floor, metres
layout(location = 0) out vec4 lit;      // and in alpha what is left in shadow
layout(location = 1) out vec2 on_floor; // place in that map; its corner, which is lit, elsewhere
layout(location = 2) out vec4 surface;  // normal in camera axes, depth in metres

float hash(ivec2 cell) {
    uint h = uint(cell.x) * 0x8da6b343u ^ uint(cell.y) * 0xd8163841u;
    h = (h ^ (h >> 15)) * 0x2c1b3c6du;
    h = (h ^ (h >> 12)) * 0x297a2d39u;
    return float((h ^ (h >> 15)) & 0xffffu) / 65535.0;
}

float noise(vec2 p) {
    ivec2 cell = ivec2(floor(p));
    vec2 f = p - vec2(cell);
    f = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash(cell), hash(cell + ivec2(1, 0)), f.x),
               mix(hash(cell + ivec2(0, 1)), hash(cell + ivec2(1, 1)), f.x), f.y);
}

// Share of a stretch of length `blur` about x that lies on lines of this width and period.
float lines(float x, float period, float width, float blur) {
    float off = abs(fract(x / period - 0.5) - 0.5) * period;
    return clamp((0.5 * (width + blur) - off) / blur, 0.0, 1.0) * min(1.0, width / blur);
}

float fade(float size, float blur) { return clamp(1.5 * size / blur - 0.5, 0.0, 1.0); }

vec3 floor_colour(vec2 p, float blur) {
    vec3 base = floor_linear;
    float broad = 0.94 + 0.12 * noise(p * 0.9);
    if (floor_kind == 1) {  // tiles
        float tone = mix(1.0, 0.90 + 0.2 * hash(ivec2(floor(p / 0.6))), fade(0.6, blur));
        float grout = max(lines(p.x, 0.6, 0.008, blur), lines(p.y, 0.6, 0.008, blur));
        return base * broad * tone * (1.0 - 0.5 * grout);
    }
    if (floor_kind == 2) {  // planks
        float row = floor(p.x / 0.14);
        float along = p.y + 1.3 * hash(ivec2(int(row), 7));
        float tone = 0.80 + 0.4 * hash(ivec2(int(row), int(floor(along / 1.4))));
        float grain = noise(vec2(p.x * 160.0, p.y * 6.0)) - 0.5;
        float seam = max(lines(p.x, 0.14, 0.004, blur), lines(along, 1.4, 0.004, blur));
        return base * broad * mix(1.0, tone, fade(0.14, blur))
            * (1.0 + 0.25 * grain * fade(0.012, blur)) * (1.0 - 0.55 * seam);
    }
    if (floor_kind == 3) {  // rubber
        float speck = step(0.93, hash(ivec2(floor(p / 0.012))));
        float seam = max(lines(p.x, 1.0, 0.004, blur), lines(p.y, 1.0, 0.004, blur));
        vec3 speckled = mix(base * 1.05, base + 0.16 * mix(0.07, speck, fade(0.02, blur)), 0.9);
        return speckled * broad * (1.0 - 0.4 * seam);
    }
    return base * broad;
}

vec3 ray(vec2 image_px) {
    return R_world_cam * vec3(undistort((image_px - principal_px) / focal_px), 1.0);
}

// The panorama from where its camera stood, at the height of a tripod.
vec3 panorama(vec3 p) {
    vec3 towards = normalize(p - vec3(0.0, 0.0, 1.5));
    vec2 at = vec2(0.5 + atan(towards.x, towards.y) / 6.2831853, acos(towards.z) / 3.1415927);
    float texels = float(textureSize(surroundings, 0).x) / 6.2831853 / focal_px;
    return to_linear(textureLod(surroundings, at, log2(max(texels, 1.0))).rgb);
}

// The photograph, as large as covers the wall and cut at its sides or above and below.
vec3 photograph(vec3 p, vec3 normal, float t) {
    vec2 wall_m = vec2(2.0 * (normal.x != 0.0 ? room_m.y : room_m.x), room_m.z);
    vec2 picture_px = vec2(textureSize(surroundings, 0));
    float texels_m = min(picture_px.x / wall_m.x, picture_px.y / wall_m.y);
    vec2 from_middle_m = vec2(dot(p.xy, vec2(-normal.y, normal.x)), 0.5 * room_m.z - p.z);
    vec2 at = 0.5 + from_middle_m * texels_m / picture_px;
    return to_linear(textureLod(surroundings, at, log2(max(texels_m * t / focal_px, 1.0))).rgb);
}

void shade(vec2 image_px, inout vec3 in_light, inout vec3 in_shadow) {
    vec3 direction = ray(image_px);
    vec3 middle = vec3(0.0, 0.0, 0.5 * room_m.z), half_m = vec3(room_m.xy, 0.5 * room_m.z);
    vec3 to_side = (sign(direction) * half_m - (camera_m - middle)) / direction;
    float t = min(to_side.x, min(to_side.y, to_side.z));
    vec3 p = camera_m + t * direction;
    vec3 corner = half_m - abs(p - middle);  // distance from each pair of sides
    vec3 normal;
    vec3 albedo;
    float closeness;
    if (t == to_side.z) {
        closeness = min(corner.x, corner.y);
        normal = vec3(0.0, 0.0, -sign(direction.z));
        albedo = vec3(0.85);
        if (direction.z < 0.0) {
            // Length on the floor that one pixel covers, the longer way.
            float blur = t / focal_px / max(-normalize(direction).z, 0.02);
            albedo = floor_colour(p.xy, blur);
            vec2 inside = mat.zw - abs(p.xy - mat.xy);
            if (has_mat && min(inside.x, inside.y) > 0.0) {
                float hem = min(inside.x, inside.y) < 0.02 ? 0.8 : 1.0;
                albedo = mat_linear * hem * (0.95 + 0.1 * noise(p.xy * 40.0) * fade(0.03, blur));
            }
        }
    } else {
        bool across = t == to_side.x;
        normal = across ? vec3(-sign(direction.x), 0.0, 0.0) : vec3(0.0, -sign(direction.y), 0.0);
        closeness = min(min(corner.z, p.z), across ? corner.y : corner.x);
        albedo = wall_linear * (0.96 + 0.08 * noise(vec2(p.x + p.y, p.z) * 1.5));
        if (shown == 1) albedo = photograph(p, normal, t);
        else if (p.z < 0.10) albedo *= p.z < 0.09 ? 0.55 : 0.35;  // skirting board
    }
    bool on_mat = has_mat && p.z < 1e-3 && all(lessThan(abs(p.xy - mat.xy), mat.zw));
    if (shown == 2 && !on_mat) {  // its light is in it already; the key light's share can be shaded
        vec3 seen = panorama(p);
        in_shadow += seen * (1.0 - 0.6 * light_strength);
        in_light += seen;
        return;
    }
    float openness = 1.0 - 0.35 * exp(-closeness / 0.35);
    float reach = 1.0 / (1.0 + dot(p.xy, p.xy) / 60.0);  // the lamp is nearest to the middle
    vec3 from_fill = albedo * fill(normal) * openness * (0.55 + 0.45 * reach);
    in_shadow += from_fill;
    in_light += from_fill + albedo * key(normal) * reach;
}

void main() {
    vec3 in_light = vec3(0.0), in_shadow = vec3(0.0);
    for (int i = 0; i < 4; i++) {
        vec2 corner = 0.5 * vec2(i & 1, i >> 1) - 0.25;
        shade(gl_FragCoord.xy + corner, in_light, in_shadow);
    }
    float grain = (hash(ivec2(gl_FragCoord.xy)) - 0.5) / 128.0;  // no bands in flat walls
    float left = sqrt(dot(in_shadow, vec3(1.0)) / max(dot(in_light, vec3(1.0)), 1e-4));
    lit = vec4(to_srgb(in_light / 4.0) + grain, left);
    vec3 direction = ray(gl_FragCoord.xy);
    vec2 hit = camera_m.xy - direction.xy * camera_m.z / direction.z;
    bool is_floor = direction.z < 0.0 && all(lessThan(abs(hit), room_m.xy));
    vec3 middle = vec3(0.0, 0.0, 0.5 * room_m.z), half_m = vec3(room_m.xy, 0.5 * room_m.z);
    vec3 to_side = (sign(direction) * half_m - (camera_m - middle)) / direction;
    float t = min(to_side.x, min(to_side.y, to_side.z));
    vec3 wall = -sign(direction) * vec3(equal(to_side, vec3(t)));
    surface = vec4(transpose(R_world_cam) * wall, t);  // rays are as long as their depth
    on_floor = is_floor ? (hit - footprint.xy) / footprint.zw * 0.5 + 0.5 : vec2(1.0);
}

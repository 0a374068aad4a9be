// What moves: its colour, who it is, and with TRUTH defined where it is, faces and goes.
in vec3 lit;
flat in float id;
layout(location = 0) out vec4 colour;
layout(location = 1) out vec2 identity;  // in 255ths; the second is kept by what is drawn first
#ifdef TRUTH
in vec3 here_m;
in vec3 before_m;
in vec3 after_m;
in vec3 facing;
flat in float segment;
layout(location = 2) out vec4 surface;  // normal in camera axes, depth in metres
layout(location = 3) out vec4 moved_px; // to the next frame, and to the one before

vec2 image_px(vec3 cam_m) { return distort(cam_m.xy / max(cam_m.z, 1e-6)) * focal_px; }
#endif

void main() {
    colour = vec4(lit, 1.0);
#ifdef TRUTH
    identity = vec2(id, segment);
    surface = vec4(normalize(facing), here_m.z);
    vec2 now_px = image_px(here_m);
    moved_px = vec4(image_px(after_m) - now_px, image_px(before_m) - now_px);
#else
    identity = vec2(id);
#endif
}

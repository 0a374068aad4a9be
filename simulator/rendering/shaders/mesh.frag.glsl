// What moves: its colour, who it is, and of DEPTH, NORMALS, FLOW and LABELS what is defined. Each but
// the last is the number of its target.
in vec3 lit;
flat in float id;
layout(location = 0) out vec4 colour;
layout(location = 1) out vec2 identity;  // in 255ths; the second is kept by what is drawn first
#ifdef LABELS
flat in float segment;
#endif
#ifdef DEPTH
in float along_m;
layout(location = DEPTH) out float depth_m;
#endif
#ifdef NORMALS
in vec3 facing;
layout(location = NORMALS) out vec4 normal_cam;
#endif
#ifdef FLOW
in vec3 here_m;
in vec3 before_m;
in vec3 after_m;
layout(location = FLOW) out vec4 moved_px;  // to the next frame, and to the one before

vec2 image_px(vec3 cam_m) { return distort(cam_m.xy / max(cam_m.z, 1e-6)) * focal_px; }
#endif

void main() {
    colour = vec4(lit, 1.0);
#ifdef LABELS
    identity = vec2(id, segment);
#else
    identity = vec2(id);
#endif
#ifdef DEPTH
    depth_m = along_m;
#endif
#ifdef NORMALS
    normal_cam = vec4(normalize(facing), 0.0);
#endif
#ifdef FLOW
    vec2 now_px = image_px(here_m);
    moved_px = vec4(image_px(after_m) - now_px, image_px(before_m) - now_px);
#endif
}

// A moving surface, seen through the lens at twice the image's resolution. Shifted by a quarter
// pixel so that every other sample lies exactly on a pixel's centre. Lit at the vertices, which
// on a body are as dense as the pixels.
uniform mat4 T_world_mesh;
uniform vec2 depth_range_m;
uniform sampler2DShadow heights;  // what is highest along the light, by where its shadow falls
uniform vec4 footprint;           // middle and half size of that map on the floor, metres
uniform float shadows_to_m;
in vec3 position;
in vec3 normal;
in vec4 paint;  // sRGB, and the id in 255ths
out vec3 lit;
flat out float id;
#ifdef LABELS
in float carrier;  // which joint carries it, in 255ths
flat out float segment;
#endif
#ifdef DEPTH
out float along_m;
#endif
#ifdef NORMALS
out vec3 facing;  // in camera axes, as is what follows
#endif
#ifdef FLOW
uniform mat4 T_world_before;
uniform mat4 T_world_after;
in vec3 before;  // where the vertex is in the frame before, in the mesh's own axes
in vec3 after;
out vec3 here_m;
out vec3 before_m;
out vec3 after_m;
#endif

void main() {
    vec3 world_m = (T_world_mesh * vec4(position, 1.0)).xyz;
    vec3 cam = (T_cam_world * vec4(world_m, 1.0)).xyz;
    float near = depth_range_m.x, far = depth_range_m.y;
    float w = max(cam.z, near);
    vec2 image_px = distort(cam.xy / w) * focal_px + principal_px - 0.25;
    float z = (cam.z * (far + near) - 2.0 * far * near) / (far - near);
    gl_Position = vec4((2.0 * image_px / size_px - 1.0) * w, z, cam.z);
    gl_ClipDistance[0] = world_m.z;  // the floor hides what is below it

    vec3 n = normalize(mat3(T_world_mesh) * normal);
    // Looked up a little off the surface, or its own roundness would shade it.
    vec3 probe_m = world_m + 0.015 * n + 0.01 * light;
    vec2 falls_m = probe_m.xy - light.xy / light.z * probe_m.z;
    vec2 at = (falls_m - footprint.xy) / footprint.zw * 0.5 + 0.5;
    float arrives = texture(heights, vec3(at, 1.0 - probe_m.z / shadows_to_m));
    float open = 0.55 + 0.45 * smoothstep(0.0, 0.35, world_m.z + 0.2 * n.z);
    lit = to_srgb(to_linear(paint.rgb) * (fill(n) * open + key(n) * arrives + rim(n)));
    id = paint.a;
#ifdef LABELS
    segment = carrier;
#endif
#ifdef DEPTH
    along_m = cam.z;
#endif
#ifdef NORMALS
    facing = mat3(T_cam_world) * n;
#endif
#ifdef FLOW
    here_m = cam;
    before_m = (T_cam_before * T_world_before * vec4(before, 1.0)).xyz;
    after_m = (T_cam_after * T_world_after * vec4(after, 1.0)).xyz;
#endif
}

// The passes of simulator/rendering/passes.py, in their codes: at each pixel's centre what moves,
// or the room. Of DEPTH, NORMALS, FLOW and LABELS those are drawn that are defined, each as the
// number of its target.
uniform sampler2D identities;    // twice the size, in 255ths: who, and which part of the person
uniform sampler2D depths;        // twice the size, metres
uniform sampler2D normals;       // twice the size, in camera axes
uniform sampler2D flows;         // twice the size: pixels to the next frame, and to the one before
uniform sampler2D room_surface;  // the room's normal and depth
uniform vec2 origin;             // the first sample of what is twice the size
uniform bool empty;              // whether the room alone is drawn
uniform bvec2 has_flow;          // whether there is a next frame, and one before
uniform bool camera_turns;       // about its own centre, so that the room moves in the picture
#ifdef DEPTH
layout(location = DEPTH) out uint depth;
#endif
#ifdef NORMALS
layout(location = NORMALS) out uvec4 normal;
#endif
#ifdef FLOW
layout(location = FLOW) out uvec4 flow;

uvec2 coded(vec2 px, bool known) {
    return known ? uvec2(clamp(round(64.0 * px + 32768.0), 1.0, 65535.0)) : uvec2(0u);
}

// How far what lies along a ray moves in the picture when the camera turns.
vec2 turned_px(vec2 plane, mat4 T_cam_other) {
    vec3 seen = mat3(T_cam_other) * transpose(mat3(T_cam_world)) * vec3(plane, 1.0);
    return (distort(seen.xy / max(seen.z, 1e-6)) - distort(plane)) * focal_px;
}
#endif
#ifdef LABELS
layout(location = LABELS) out uvec4 labels;  // who, part of the person, the same if nothing hid it
#endif

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy), at = 2 * pixel - ivec2(origin);
    vec2 who = empty ? vec2(0.0) : 255.0 * texelFetch(identities, at, 0).rg;
    bool moves = who.x > 0.5;
#ifdef DEPTH
    float mm = round(1000.0 * (moves ? texelFetch(depths, at, 0).x
                                     : texelFetch(room_surface, pixel, 0).w));
    depth = mm < 65535.0 ? uint(mm) : 0u;
#endif
#ifdef NORMALS
    vec3 seen = (moves ? texelFetch(normals, at, 0) : texelFetch(room_surface, pixel, 0)).xyz;
    normal = uvec4(uvec3(1.0 + round(65534.0 * (0.5 * clamp(seen, -1.0, 1.0) + 0.5))), 0u);
#endif
#ifdef FLOW
    vec4 px = vec4(0.0);
    if (moves) {
        px = texelFetch(flows, at, 0);
    } else if (camera_turns) {
        vec2 plane = undistort((gl_FragCoord.xy - principal_px) / focal_px);
        px = vec4(turned_px(plane, T_cam_after), turned_px(plane, T_cam_before));
    }
    flow = uvec4(coded(px.xy, has_flow.x), coded(px.zw, has_flow.y));
#endif
#ifdef LABELS
    uint whole = uint(who.y + 0.5);
    labels = uvec4(uint(who.x + 0.5), abs(who.x - 2.0) < 0.5 ? whole : 0u, whole, 0u);
#endif
}

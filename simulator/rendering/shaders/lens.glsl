// The camera of simulator/cameras/camera.py: same axes, same pixels, same polynomial.
uniform mat4 T_cam_world;
uniform mat4 T_cam_before;     // in the frame before, and in the next one
uniform mat4 T_cam_after;
uniform float focal_px;
uniform vec2 principal_px;
uniform vec2 size_px;
uniform float distortion[5];   // k1, k2, p1, p2, k3
uniform float widest_tangent;  // beyond it the polynomial folds back

vec2 bend(vec2 plane) {
    float x = plane.x, y = plane.y, r2 = dot(plane, plane);
    float radial = 1.0 + r2 * (distortion[0] + r2 * (distortion[1] + r2 * distortion[4]));
    float p1 = distortion[2], p2 = distortion[3];
    return plane * radial + vec2(2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x),
                                 p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y);
}

vec2 distort(vec2 plane) {
    float r = length(plane);
    if (r < widest_tangent) return bend(plane);
    vec2 out_of_sight = plane / r;  // carry on straight outwards, so that triangles stay whole
    return bend(out_of_sight * widest_tangent) + out_of_sight * (r - widest_tangent);
}

vec2 undistort(vec2 bent) {
    // Newton's method along the radius, where nearly all of the bending is.
    vec2 plane = bent;
    for (int i = 0; i < 5; i++) {
        float r2 = dot(plane, plane);
        float slope = 1.0 + r2 * (3.0 * distortion[0]
            + r2 * (5.0 * distortion[1] + r2 * 7.0 * distortion[4]));
        plane += (bent - bend(plane)) / max(slope, 0.1);
    }
    return plane;
}

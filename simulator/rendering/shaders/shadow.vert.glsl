// Where on the floor each point's shadow falls, the highest point first.
uniform mat4 T_world_mesh;
uniform vec3 light;
uniform vec4 footprint;
uniform float shadows_to_m;
in vec3 position;

void main() {
    vec3 world_m = (T_world_mesh * vec4(position, 1.0)).xyz;
    vec2 falls = world_m.xy - light.xy / light.z * world_m.z;
    gl_Position = vec4((falls - footprint.xy) / footprint.zw, 1.0 - 2.0 * world_m.z / shadows_to_m, 1.0);
}

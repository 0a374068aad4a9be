in vec3 lit;
flat in float id;
layout(location = 0) out vec4 colour;
layout(location = 1) out float identity;

void main() {
    colour = vec4(lit, 1.0);
    identity = id;
}

// The picture: the room, its floor in the shadow of what moves, and before it what moves.
// With ONLY_FLOOR defined, where nothing moves but shadows.
uniform sampler2D room;           // lit, and in alpha what is left in shadow
uniform sampler2D on_floor;       // place in the map of light on the floor
uniform sampler2D light_on_floor;
uniform sampler2D moving;         // twice the size, premultiplied
uniform sampler2D identities;     // twice the size, in 255ths: who, and above 0 the person's shape
uniform vec2 origin;              // the first sample of both
layout(location = 0) out vec4 picture;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec4 behind = texelFetch(room, pixel, 0);
    vec2 arrives = texture(light_on_floor, texelFetch(on_floor, pixel, 0).xy).xy;
    vec3 back = behind.rgb * mix(behind.a, 1.0, arrives.x) * arrives.y;
#ifdef ONLY_FLOOR
    picture = vec4(back, 0.0);
#else
    // The samples about the pixel's centre, the centre itself counting twice: two bilinear reads,
    // each between four samples.
    vec2 one = 1.0 / vec2(textureSize(moving, 0));
    ivec2 at = 2 * pixel - ivec2(origin);
    vec2 centre = (vec2(at) + 0.5) * one;
    vec4 front = 0.5 * (texture(moving, centre - 0.5 * one) + texture(moving, centre + 0.5 * one));
    vec2 who = 255.0 * texelFetch(identities, at, 0).rg;
    // In alpha: the person is seen, or would be if nothing stood before.
    float person = abs(who.x - 2.0) < 0.5 ? 1.0 : who.y > 0.5 ? 0.5 : 0.0;
    picture = vec4(front.rgb + (1.0 - front.a) * back, person);
#endif
}
